// @ts-check
// Says that the token was wrong.

const note = document.getElementById("failed");
if (note && new URLSearchParams(location.search).has("failed")) note.hidden = false;
