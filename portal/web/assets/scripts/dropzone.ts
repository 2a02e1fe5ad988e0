import { fresh } from "./once";

const AT_ONCE = 3;

type State = "waiting" | "sending" | "reading" | "done" | "failed";

interface Answer {
  ok?: boolean;
  message?: string;
}

/** One file on its way: its line in the list and what became of it. */
class Upload {
  readonly line = document.createElement("li");
  private readonly bar = document.createElement("progress");
  private readonly words = document.createElement("span");
  private readonly retry = document.createElement("button");
  state: State = "waiting";

  constructor(
    readonly file: File,
    private readonly texts: DOMStringMap,
    again: () => void,
  ) {
    const name = document.createElement("span");
    name.className = "upload-name";
    name.textContent = file.name;
    this.bar.max = 100;
    this.bar.setAttribute("aria-label", file.name);
    this.words.className = "upload-words";
    this.retry.type = "button";
    this.retry.className = "btn btn-outline btn-sm";
    this.retry.textContent = texts.textRetry ?? "";
    this.retry.addEventListener("click", again);
    this.line.append(name, this.words, this.bar, this.retry);
    this.show("waiting");
  }

  progress(share: number): void {
    this.bar.value = Math.round(share * 100);
    if (share >= 1) this.show("reading");
  }

  show(state: State, message = ""): void {
    this.state = state;
    const own = { waiting: "textWaiting", sending: "textSending", reading: "textReading" } as const;
    const fallback = state === "done" ? "textDone" : "textFailed";
    const key = state in own ? own[state as keyof typeof own] : fallback;
    this.line.className = `upload upload-${state}`;
    this.words.textContent = message || (this.texts[key] ?? "");
    this.bar.hidden = state === "done" || state === "failed";
    this.retry.hidden = state !== "failed";
    if (state === "reading") this.bar.removeAttribute("value");
  }
}

function answerOf(request: XMLHttpRequest): Answer {
  try {
    return JSON.parse(request.responseText) as Answer;
  } catch {
    return {};
  }
}

class Dropzone {
  private readonly uploads: Upload[] = [];
  private readonly input: HTMLInputElement;
  private readonly list: Element | null;

  constructor(private readonly form: HTMLFormElement) {
    this.input = form.querySelector<HTMLInputElement>("input[type=file]")!;
    this.list = form.querySelector("[data-uploads]");
    this.input.addEventListener("change", () => {
      this.take(this.input.files);
      this.input.value = "";
    });
    this.followDrags();
    form.querySelector<HTMLElement>("[data-fallback]")?.setAttribute("hidden", "");
  }

  private followDrags(): void {
    const zone = this.form.querySelector<HTMLElement>(".dropzone") ?? this.form;
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      zone.addEventListener(name, (event) => {
        event.preventDefault();
        zone.classList.toggle("is-over", name === "dragenter" || name === "dragover");
      });
    }
    zone.addEventListener("drop", (event) => this.take(event.dataTransfer?.files ?? null));
  }

  private take(files: FileList | null): void {
    for (const file of files ?? []) {
      const upload: Upload = new Upload(file, this.form.dataset, () => this.again(upload));
      this.uploads.push(upload);
      this.list?.append(upload.line);
      if (file.size > Number(this.form.dataset.maxBytes ?? Infinity)) {
        upload.show("failed", this.form.dataset.textTooBig);
      }
    }
    this.next();
  }

  private again(upload: Upload): void {
    upload.show("waiting");
    this.next();
  }

  private count(...states: State[]): number {
    return this.uploads.filter((upload) => states.includes(upload.state)).length;
  }

  private next(): void {
    for (const upload of this.uploads) {
      if (this.count("sending", "reading") >= AT_ONCE) return;
      if (upload.state === "waiting") this.send(upload);
    }
    this.offerToContinue();
    if (this.uploads.length && this.count("done") === this.uploads.length) this.leave();
  }

  /** Files that failed hold nobody back: the good ones lead on. */
  private offerToContinue(): void {
    const way = this.form.querySelector<HTMLElement>("[data-continue]");
    const over = this.count("done", "failed") === this.uploads.length;
    if (way) way.hidden = !(over && this.count("failed") > 0 && this.count("done") > 0);
  }

  private send(upload: Upload): void {
    upload.show("sending");
    const body = new FormData(this.form);
    body.delete(this.input.name);
    body.append(this.input.name, upload.file);
    const request = new XMLHttpRequest();
    request.open("POST", this.form.dataset.url ?? this.form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) upload.progress(event.loaded / event.total);
    });
    request.addEventListener("loadend", () => this.conclude(upload, request));
    request.send(body);
  }

  private conclude(upload: Upload, request: XMLHttpRequest): void {
    const answer = answerOf(request);
    const accepted = request.status >= 200 && request.status < 300 && answer.ok !== false;
    upload.show(accepted ? "done" : "failed", answer.message ?? "");
    this.form.dispatchEvent(new CustomEvent("upload:done", { bubbles: true, detail: answer }));
    this.next();
  }

  private leave(): void {
    const { next, textLeaving } = this.form.dataset;
    if (!next) return;
    const words = document.createElement("li");
    words.className = "upload-leaving";
    words.textContent = textLeaving ?? "";
    this.list?.append(words);
    window.location.assign(next);
  }
}

/** File drops: each file goes alone, with its progress, and can be tried again. */
export function followDropzones(root: ParentNode): void {
  for (const form of fresh<HTMLFormElement>(root, "form[data-dropzone]")) new Dropzone(form);
}
