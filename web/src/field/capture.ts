/** Evidence is fixed when it is made: bytes, digest, time of the server's clock, place with its accuracy. */
import { sm3 } from '@/lib/sm3';

export interface Fix {
  lon: number;
  lat: number;
  accuracy: number;
}
export interface Taken {
  name: string;
  type: string;
  bytes: ArrayBuffer;
  sm3: string;
  about: Record<string, unknown>;
}

export function position(): Promise<Fix | null> {
  if (!('geolocation' in navigator)) return Promise.resolve(null);
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      (p) => done({ lon: p.coords.longitude, lat: p.coords.latitude, accuracy: p.coords.accuracy }),
      () => done(null),
      { enableHighAccuracy: true, maximumAge: 15_000, timeout: 15_000 },
    );
  });
}

/** skew: the server's clock minus this one's, ms, as last known. */
export async function fix(file: Blob, name: string, type: string, skew: number): Promise<Taken> {
  const now = Date.now();
  const [bytes, place] = await Promise.all([file.arrayBuffer(), position()]);
  const digest = sm3(new Uint8Array(bytes));
  const about = {
    at: new Date(now + skew).toISOString(),
    clock_skew_ms: skew,
    sm3: digest,
    ...(place
      ? { lon: round(place.lon), lat: round(place.lat), accuracy: Math.round(place.accuracy) }
      : { place: 'none' }),
  };
  return { name, type, bytes, sm3: digest, about };
}
const round = (x: number): number => Math.round(x * 1e6) / 1e6;

/** A voice note as WAV (16 kHz, mono, 16 bit): every court and every player reads it. */
export class Voice {
  private parts: Float32Array[] = [];
  private rate = 16_000;
  private constructor(
    private readonly context: AudioContext,
    private readonly stream: MediaStream,
  ) {}

  static async start(): Promise<Voice> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    const context = new AudioContext({ sampleRate: 16_000 });
    const v = new Voice(context, stream);
    v.rate = context.sampleRate;
    await context.audioWorklet.addModule('/voice.js');
    const node = new AudioWorkletNode(context, 'voice');
    node.port.onmessage = (m: MessageEvent<Float32Array>) => v.parts.push(m.data);
    context.createMediaStreamSource(stream).connect(node);
    return v;
  }
  get seconds(): number {
    return this.parts.reduce((n, p) => n + p.length, 0) / this.rate;
  }

  async stop(): Promise<Blob> {
    this.stream.getTracks().forEach((t) => t.stop());
    await this.context.close();
    return wav(this.parts, this.rate);
  }
}

/** How long such a note is, from its bytes. */
export const voiceSeconds = (bytes: ArrayBuffer): number =>
  bytes.byteLength < 44 ? 0 : (bytes.byteLength - 44) / (new DataView(bytes).getUint32(28, true) || 1);

export function wav(parts: readonly Float32Array[], rate: number): Blob {
  const n = parts.reduce((sum, p) => sum + p.length, 0);
  const d = new DataView(new ArrayBuffer(44 + 2 * n));
  const text = (at: number, s: string): void => {
    for (let i = 0; i < s.length; i++) d.setUint8(at + i, s.charCodeAt(i));
  };
  text(0, 'RIFF');
  d.setUint32(4, 36 + 2 * n, true);
  text(8, 'WAVEfmt ');
  d.setUint32(16, 16, true);
  d.setUint16(20, 1, true);
  d.setUint16(22, 1, true);
  d.setUint32(24, rate, true);
  d.setUint32(28, 2 * rate, true);
  d.setUint16(32, 2, true);
  d.setUint16(34, 16, true);
  text(36, 'data');
  d.setUint32(40, 2 * n, true);
  let at = 44;
  for (const p of parts)
    for (const x of p) {
      d.setInt16(at, Math.max(-1, Math.min(1, x)) * 0x7fff, true);
      at += 2;
    }
  return new Blob([d.buffer], { type: 'audio/wav' });
}
