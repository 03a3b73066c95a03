// The doors between the page and the tracker: what fails behind them never reaches the page.

export const safe = (act) => (...given) => {
  try {
    return act(...given);
  } catch {
    return undefined;
  }
};

/** Listen to events of the page; nothing that goes wrong in `act` is thrown into it. */
export const on = (target, names, act, options) => names.split(' ').forEach((name) => target.addEventListener(name, safe(act), options));
