/** Whether anything has changed: one look for all who ask at the same time. */
import type { Evidence, Probe } from './probe.js';

export class ChangeWatch {
  private running: Promise<Evidence> | null = null;
  private next: Promise<Evidence> | null = null;

  constructor(private readonly probe: Probe) {}

  /** The evidence of now when it can be had without waiting; otherwise null. */
  glance(): Evidence | null {
    return this.probe.glance?.() ?? null;
  }

  /**
   * A look that begins after this call: whatever was committed before shows in it. While one is running already,
   * which may have passed by, all who ask wait together for the one after it.
   */
  evidence(): Promise<Evidence> {
    if (this.running === null) return this.start();
    const before = this.running;
    this.next ??= before
      .catch(() => undefined)
      .then(() => {
        this.next = null;
        return this.start();
      });
    return this.next;
  }

  private start(): Promise<Evidence> {
    const running = this.probe.look().finally(() => {
      if (this.running === running) this.running = null;
    });
    this.running = running;
    return running;
  }
}
