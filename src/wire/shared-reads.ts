/** One read for all who ask at about the same time, so that N trades of an account cost as many calls as one. */
export class SharedReads<Key, Answer> {
  private readonly recent = new Map<Key, { askedAt: number; answer: Promise<Answer> }>();

  constructor(
    private readonly read: (key: Key) => Promise<Answer>,
    private readonly freshMs: number,
  ) {}

  /** An answer that was asked for at most `freshMs` ago. A failed read is nobody's but those who waited for it. */
  get(key: Key): Promise<Answer> {
    const now = Date.now();
    const known = this.recent.get(key);
    if (known && now - known.askedAt <= this.freshMs) return known.answer;
    const answer = this.read(key);
    this.recent.set(key, { askedAt: now, answer });
    answer.catch(() => {
      if (this.recent.get(key)?.answer === answer) this.recent.delete(key);
    });
    return answer;
  }
}
