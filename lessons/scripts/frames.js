"use strict";
/* WebSocket's handshake and frames (RFC 6455), byte by byte. No function knows of a page. */

globalThis.pollsApart ??= {};

pollsApart.frames = (() => {
  const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // section 1.3: a server that knows it speaks WebSocket
  const example = "dGhlIHNhbXBsZSBub25jZQ=="; // the key of section 1.3

  const utf8 = (text) => new TextEncoder().encode(text);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

  /* The 20 bytes of SHA-1 (FIPS 180-4, section 6.1), since a page from a file may have no crypto.subtle. */
  function sha1(bytes) {
    const blocks = Math.ceil((bytes.length + 9) / 64);
    const padded = new Uint8Array(64 * blocks);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const words = new DataView(padded.buffer);
    words.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
    words.setUint32(padded.length - 4, bytes.length * 8);
    const turned = (word, by) => (word << by) | (word >>> (32 - by));
    const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
    for (let block = 0; block < padded.length; block += 64) {
      const w = Array.from({ length: 16 }, (_, t) => words.getUint32(block + 4 * t));
      for (let t = 16; t < 80; t++) w[t] = turned(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
      let [a, b, c, d, e] = state;
      for (let t = 0; t < 80; t++) {
        const [mixed, constant] = t < 20 ? [(b & c) | (~b & d), 0x5a827999] : t < 40 ? [b ^ c ^ d, 0x6ed9eba1]
          : t < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc] : [b ^ c ^ d, 0xca62c1d6];
        [a, b, c, d, e] = [(turned(a, 5) + mixed + e + constant + w[t]) | 0, a, turned(b, 30), c, d];
      }
      [a, b, c, d, e].forEach((word, n) => { state[n] = (state[n] + word) | 0; });
    }
    const digest = new DataView(new ArrayBuffer(20));
    state.forEach((word, n) => digest.setUint32(4 * n, word));
    return new Uint8Array(digest.buffer);
  }

  /* What a server must answer to a key (section 4.2.2). */
  const accept = (key) => base64(sha1(utf8(key + guid)));

  const randomKey = () => base64(crypto.getRandomValues(new Uint8Array(16)));

  /* A text frame in fields: {name, bits, value}, where `bits` is a string of 0 and 1, and last the payload: {name, bytes,
     plain, mask}. With a mask of four bytes it is a client's, without one a server's (section 5.2). A length takes its
     shortest form. */
  function fields(text, mask = null) {
    const payload = utf8(text);
    const size = payload.length;
    const binary = (value, width) => BigInt(value).toString(2).padStart(width, "0");
    const bits = (bytes) => Array.from(bytes, (byte) => binary(byte, 8)).join("");
    const short = size < 126 ? size : size < 65536 ? 126 : 127;
    const sent = mask ? payload.map((byte, n) => byte ^ mask[n % 4]) : payload;
    return [
      { name: "FIN", bits: "1" },
      ...["RSV1", "RSV2", "RSV3"].map((name) => ({ name, bits: "0" })),
      { name: "opcode", bits: "0001" },
      { name: "MASK", bits: mask ? "1" : "0", value: mask },
      { name: "length", bits: binary(short, 7), value: short },
      ...(short < 126 ? [] : [{ name: "extended length", bits: binary(size, short === 126 ? 16 : 64), value: size }]),
      ...(mask ? [{ name: "masking key", bits: bits(mask), value: mask }] : []),
      { name: "payload", bytes: sent, plain: payload, mask },
    ];
  }

  /* The whole frame, as it is sent. */
  function encode(text, mask = null) {
    const made = fields(text, mask);
    const { bytes } = made.at(-1);
    const head = made.slice(0, -1).map((field) => field.bits).join("").match(/.{8}/g).map((byte) => parseInt(byte, 2));
    const whole = new Uint8Array(head.length + bytes.length);
    whole.set(head);
    whole.set(bytes, head.length);
    return whole;
  }

  /* What a field is for, in a sentence or two. */
  const why = (field) => words[field.name](field);

  const reserved = "0: no extension in use gives it a meaning. Where none does, a 1 ends the connection.";
  const words = {
    FIN: () => "1: the message ends with this frame. A long message may come in several, and then only the last says 1.",
    RSV1: () => "0: no extension was agreed on that uses it. With permessage-deflate, 1 says that the message is compressed.",
    RSV2: () => reserved,
    RSV3: () => reserved,
    opcode: () => "What the frame is. 1 is text, in UTF-8; 2 is binary; 0 goes on with a message; 8 closes; 9 is a ping, "
      + "and 10 its pong.",
    MASK: ({ value }) => (value
      ? "1: the payload is masked. All frames of a client must be; a server that gets one without ends the connection."
      : "0: the payload is as it is. No frame of a server may be masked; a client that gets one ends the connection."),
    length: ({ value }) => ({
      126: "126 is no length: it says that the length follows, in 16 bits. So it does from 126 bytes to 65,535.",
      127: "127 is no length: it says that the length follows, in 64 bits. So it does from 65,536 bytes on.",
    }[value] ?? `The bytes of the payload, ${value}, in seven bits. Bytes are counted, not letters.`),
    "extended length": ({ value, bits }) => `The bytes of the payload, ${value.toLocaleString("en")}, in ${bits.length} bits, `
      + "the most significant first. Of the three forms of a length the shortest that can hold it must be taken.",
    "masking key": () => "Four bytes that a client makes up anew for each frame. They are no secret, and stand beside what "
      + "they mask. They keep a page from choosing the bytes on the wire, which an old proxy could take for a request.",
    payload: ({ mask }) => (mask
      ? "The text in UTF-8. Each byte is combined with one of the masking key (XOR): the first with the first, the fifth "
        + "with the first again."
      : "The text in UTF-8, as it is."),
  };

  return { guid, example, utf8, hex, base64, sha1, accept, randomKey, fields, encode, why };
})();
