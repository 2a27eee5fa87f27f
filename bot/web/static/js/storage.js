// What the browser remembers. If storage is switched off or full, nothing is remembered, and nothing breaks.

function storage(open) {
  const guarded = (use) => { try { return use(open()); } catch { return null; } };
  return {
    read: (key) => guarded((store) => store.getItem(`wenbao.${key}`)),
    write: (key, value) => guarded((store) => store.setItem(`wenbao.${key}`, value)),
  };
}

export const lasting = storage(() => localStorage); // preferences
export const forThisTab = storage(() => sessionStorage); // the conversation, there on return from a report
