// Numbers that stand for many.

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);

/** The value below which this part (0 to 1) of them lies. */
export function quantile(numbers, part) {
  const all = sorted(numbers);
  const place = (all.length - 1) * part;
  const low = Math.floor(place);
  return all[low] + (all[Math.min(low + 1, all.length - 1)] - all[low]) * (place - low);
}

export const median = (numbers) => quantile(numbers, 0.5);

/** { median, low, high }: the quartiles of many, the extremes of few. */
export function summary(numbers) {
  const many = numbers.length >= 20;
  return { median: median(numbers), low: quantile(numbers, many ? 0.25 : 0), high: quantile(numbers, many ? 0.75 : 1) };
}

/** Each round's value by the same round's base, so that what the machine did meanwhile cancels out. Null if no base is above 0. */
export function ratios(numbers, base) {
  const quotients = numbers.map((number, i) => number / base[i]).filter(Number.isFinite);
  return quotients.length > 0 ? summary(quotients) : null;
}
