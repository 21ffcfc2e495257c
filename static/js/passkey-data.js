// What browsers and the program tell each other about passkeys: bytes on one side, text on the other.

export const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

export const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

// optionsOf makes of the program's options those of the browser.
export function optionsOf(asked) {
  const options = { ...asked, challenge: toBytes(asked.challenge) };
  if (asked.user) options.user = { ...asked.user, id: toBytes(asked.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (asked[list]) options[list] = asked[list].map((one) => ({ ...one, id: toBytes(one.id) }));
  }
  return options;
}

// answerOf is what a browser has answered, as the program reads it.
export function answerOf({ id, rawId, type, authenticatorAttachment, response }) {
  const answer = { clientDataJSON: toText(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) answer[part] = toText(response[part]);
  }
  return JSON.stringify({
    id,
    rawId: toText(rawId),
    type,
    authenticatorAttachment: authenticatorAttachment ?? undefined,
    response: answer,
  });
}
