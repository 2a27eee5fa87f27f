// The page as it was served: what the server sent along with it, and its elements by their id.

export const page = JSON.parse(document.getElementById("page-data").textContent);

export const byId = (id) => document.getElementById(id);
