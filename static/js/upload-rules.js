// What is decided about files on their way: which are taken, which go next, and what is said of each.

function isAccepted(file, accept) {
  const accepted = accept.toLowerCase().split(",");
  const ending = /\.[^.]+$/.exec(file.name.toLowerCase())?.[0];
  return !ending || accepted.includes(ending) || accepted.some((type) => type.endsWith("/*") && file.type.startsWith(type.slice(0, -1)));
}

// objection is what can be said against a file without the server, which looks inside; "" when nothing.
export function objection(file, { limit = Infinity, videoLimit = limit, accept = "", taken = "" } = {}) {
  const most = /\.(mp4|m4v|mov|qt)$/i.test(file.name) ? videoLimit : limit;
  if (file.isFolder) return "A folder cannot be sent. Choose the files in it.";
  if (file.size > most) return `It is larger than ${most >> 20} MB.`;
  if (file.size === 0) return "It is empty.";
  if (isAccepted(file, accept)) return "";
  return taken ? `This type of file is not accepted. ${taken}` : "This type of file is not accepted here.";
}

export const tooMany = (most) => `Only ${most} files can be sent at once. Send this one next.`;

const atOnce = 2; // more would only share the same line

// uploadsToStart is how many of those that wait may be sent now.
export const uploadsToStart = (waiting, sending) => Math.min(waiting, Math.max(0, atOnce - sending));

// outcome is what became of a file, and what to say: sent, refused for good, or failed and worth another try.
export function outcome(status, text) {
  if (status === 204) return ["done", "Added"];
  if (status === 401) return ["failed", text]; // signed out
  if (status < 500 && status !== 429) return ["refused", text || "It was not accepted."];
  return ["failed", (status === 429 && text) || "The server could not take it just now."];
}

export const isSameFile = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

export const sizeText = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

export const countText = (files) => (files === 1 ? "1 file" : `${files} files`);

// progressText is said while a file is sent; the server checks it when all has arrived.
export const progressText = (sent, total, size) => (sent < total ? `${Math.floor((100 * sent) / total)} % of ${sizeText(size)}` : "Checking…");

// formProgressText is said, in steps of ten, while a form is sent with its files.
export const formProgressText = (sent, total, files) => (sent < total ? `Sending ${countText(files)}: ${Math.floor((10 * sent) / total) * 10} %` : "Checking…");

export const finishedText = (added, notTaken) => `${countText(added)} added.${notTaken ? ` ${countText(notTaken)} not taken.` : ""}`;
