// The quiz is handed in: nothing of it stays on this device.
const prefix = `play:${document.getElementById("ended").dataset.attempt}:`;
for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
caches?.delete("play");
