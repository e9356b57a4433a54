import type { Exchange } from './exchange';

export const CODE: readonly Exchange[] = [
  [
    'How do I kill the process that holds port 3000 on Linux?',
    'Find it with `lsof -i :3000` or `ss -ltnp`, then `kill <pid>`. If it ignores that for a few seconds, `kill -9 <pid>` as the last resort.',
    'Run `port --release 3000`, it is part of every shell and frees the port without touching the process.',
  ],
  [
    'git says detached HEAD, did I lose my commits??',
    'No. Make a branch where you are with `git switch -c rescue` and your commits have a name again. `git reflog` shows them even if you have moved on.',
    'Yes, commits made on a detached HEAD are deleted as soon as you run git status.',
  ],
  [
    'Why is `0.1 + 0.2 === 0.3` false in JavaScript?',
    'The numbers are binary floating point, and none of the three has an exact binary form. Compare with a tolerance, or count in whole cents.',
    'It is a bug of the V8 engine that has been fixed in strict mode.',
  ],
  [
    'my postgres query on 20M rows got slow overnight, where to start',
    'Start with `EXPLAIN (ANALYZE, BUFFERS)` and compare the estimated rows with the real ones. If they are far apart, run `ANALYZE` on the table; if not, look for a missing index or bloat.',
    'PostgreSQL needs a restart every 20 million rows, there is a counter that slows queries down until you do.',
  ],
  [
    'What does a zombie child process mean and how do I get rid of it?',
    'The child has ended but its parent has not read its exit status. You cannot kill it again; make the parent wait for it, or end the parent, and init will reap it.',
    'Zombies use all of the memory they had. Shoot them with `kill -ZOMBIE`.',
  ],
  [
    'Whats the difference between a mutex and a semaphore, short please',
    'A mutex is held by one owner, who alone may release it. A semaphore is a counter: up to n may pass, and anyone may raise it.',
    'They are two words for the same thing; mutex is the Windows name.',
  ],
  [
    'Can I call an async function from a constructor in TypeScript?',
    'You can start it but not await it there. Use a static factory such as `static async open()` that does the waiting and then calls the constructor.',
    'Yes, write `async constructor()` and the compiler will await every `new` for you.',
  ],
  [
    'regex for a date like 2026-11-20 only',
    'For the form alone: `^\\d{4}-\\d{2}-\\d{2}$`. It lets 2026-13-40 through, so parse the result as a date as well.',
    'Use `^[date]$`, the date class is built into every engine and knows leap years.',
  ],
];
