import { isUtf8 } from 'node:buffer';

const NOTHING = Buffer.alloc(0);

/** Finds the bytes of a stream that are not UTF-8, whatever way the stream is cut into chunks. */
export class Utf8Check {
  private carry: Buffer = NOTHING;
  private offset = 0;

  /** Offsets, from the start of the stream, of the invalid bytes that this chunk reveals. */
  push(chunk: Buffer): number[] {
    const bytes = this.carry.length > 0 ? Buffer.concat([this.carry, chunk]) : chunk;
    const whole = bytes.length - incompleteTail(bytes);
    const invalid = this.invalidIn(bytes.subarray(0, whole));
    this.carry = Buffer.from(bytes.subarray(whole));
    this.offset += whole;
    return invalid;
  }

  /** What is left of a character cut off by the end of the stream. */
  end(): number[] {
    return this.invalidIn(this.carry);
  }

  private invalidIn(bytes: Buffer): number[] {
    if (isUtf8(bytes)) return [];
    const invalid: number[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = characterLength(bytes[at] ?? 0);
      if (length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) {
        at += length;
      } else {
        invalid.push(this.offset + at);
        at += 1;
      }
    }
    return invalid;
  }
}

/** Bytes of the character that a byte begins (RFC 3629); 0 when no character begins with it. */
function characterLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}
