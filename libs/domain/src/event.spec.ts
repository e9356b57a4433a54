import { parseWith } from './json';
import { eventSchema } from './event';

const turn = { type: 'turn', id: 'evt-1', conversationId: 'c-1', role: 'user', text: 'hello' };

const faultsOf = (value: unknown) => {
  const parsed = parseWith(eventSchema, value);
  return parsed.ok ? [] : parsed.faults.map(({ pointer }) => pointer);
};

describe('what may be posted', () => {
  it('takes a turn with nothing but what is required', () => {
    expect(parseWith(eventSchema, turn)).toEqual({ ok: true, value: turn });
  });

  it('leaves out what it does not know', () => {
    expect(parseWith(eventSchema, { ...turn, color: 'red' })).toEqual({ ok: true, value: turn });
  });

  it('keeps an instant in UTC', () => {
    expect(parseWith(eventSchema, { ...turn, saidAt: '2026-11-20T12:00:00+02:00' })).toMatchObject({
      value: { saidAt: '2026-11-20T10:00:00.000Z' },
    });
  });

  it.each([
    ['a missing text', { ...turn, text: undefined }, ['/text']],
    ['an empty id', { ...turn, id: '' }, ['/id']],
    ['an id with a control character', { ...turn, id: 'a\nb' }, ['/id']],
    ['an id of 257 characters', { ...turn, id: 'x'.repeat(257) }, ['/id']],
    ['a lone surrogate', { ...turn, text: '\ud800' }, ['/text']],
    ['NUL', { ...turn, text: 'a\0b' }, ['/text']],
    ['an unknown role', { ...turn, role: 'robot' }, ['/role']],
    ['a time without an offset', { ...turn, saidAt: '2026-11-20T12:00:00' }, ['/saidAt']],
    ['the year 9999', { ...turn, saidAt: '9999-01-01T00:00:00Z' }, ['/saidAt']],
    ['a negative seq', { ...turn, seq: -1 }, ['/seq']],
    ['an attribute that is an object', { ...turn, attributes: { a: {} } }, ['/attributes/a']],
    ['a slash in a pointer', { ...turn, attributes: { 'a/b~c': [] } }, ['/attributes/a~1b~0c']],
    ['two faults at once', { ...turn, id: 7, role: 'robot' }, ['/id', '/role']],
    ['a thumb of 2', { type: 'feedback', id: 'f', conversationId: 'c', kind: 'thumb', value: 2 }, ['/value']],
    ['a rating of 6', { type: 'feedback', id: 'f', conversationId: 'c', kind: 'rating', value: 6 }, ['/value']],
    ['an unknown type', { ...turn, type: 'poem' }, ['/type']],
    ['no object at all', 'hello', ['']],
  ])('points to %s', (_, value, pointers) => {
    expect(faultsOf(value)).toEqual(pointers);
  });

  it('never quotes what was posted in a fault', () => {
    const parsed = parseWith(eventSchema, {
      ...turn,
      role: 'canary-in-a-role',
      text: '\ud800canary-in-a-text',
      saidAt: 'canary-in-a-time',
    });
    expect(JSON.stringify(parsed)).not.toContain('canary');
  });
});
