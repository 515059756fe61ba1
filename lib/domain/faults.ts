/** Why something was refused, for machines. */
export type RefusalCode =
  | "not-found"
  | "not-allowed"
  | "not-signed-in"
  | "conflict"
  | "invalid"
  | "unavailable";

/** A no that a person can read and act on. Anything else that is thrown is a defect. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}
