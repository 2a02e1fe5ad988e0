const decode = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/_/g, "/").replace(/-/g, "+")), (letter) => letter.charCodeAt(0));

const encode = (bytes: ArrayBuffer | null): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0))))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

type Descriptor = { id: string; type: PublicKeyCredentialType };
const known = (list: Descriptor[] | undefined) =>
  (list ?? []).map((one) => ({ ...one, id: decode(one.id) }));

async function register(options: any): Promise<object> {
  const made = (await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: decode(options.challenge),
      user: { ...options.user, id: decode(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
    },
  })) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: encode(made.rawId),
    type: made.type,
    response: {
      attestationObject: encode(answer.attestationObject),
      clientDataJSON: encode(answer.clientDataJSON),
      transports: answer.getTransports?.() ?? null,
    },
    extensions: JSON.stringify(made.getClientExtensionResults()),
  };
}

async function signIn(options: any): Promise<object> {
  const found = (await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: decode(options.challenge),
      allowCredentials: known(options.allowCredentials),
    },
  })) as PublicKeyCredential;
  const answer = found.response as AuthenticatorAssertionResponse;
  return {
    id: found.id,
    rawId: encode(found.rawId),
    type: found.type,
    response: {
      authenticatorData: encode(answer.authenticatorData),
      clientDataJSON: encode(answer.clientDataJSON),
      signature: encode(answer.signature),
      userHandle: encode(answer.userHandle),
    },
    assertionClientExtensions: JSON.stringify(found.getClientExtensionResults()),
  };
}

async function perform(form: HTMLFormElement): Promise<void> {
  const options = JSON.parse(form.dataset.options ?? "{}");
  const credential = form.elements.namedItem("credential") as HTMLInputElement;
  try {
    const answer = form.dataset.passkey === "register" ? await register(options) : await signIn(options);
    credential.value = JSON.stringify(answer);
    form.submit();
  } catch {
    const status = form.querySelector("[data-passkey-status]");
    if (status) status.textContent = form.dataset.textFailed ?? "";
  }
}

/** Forms with `data-passkey`: asks the browser at once, then sends what the key answered. */
export function followPasskeys(root: ParentNode): void {
  root.querySelectorAll<HTMLFormElement>("form[data-passkey]").forEach((form) => void perform(form));
}
