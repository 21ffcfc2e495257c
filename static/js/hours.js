// Hours of a time entry follow its start and end.

const day = 86_400_000;
const hour = 3_600_000;

// hoursBetween takes milliseconds of a day; an end before the start is on the next day. Null when nothing can be said.
export function hoursBetween(start, end) {
  const span = end - start;
  if (!span) return null; // the same, or one is missing
  return Number(((span < 0 ? span + day : span) / hour).toFixed(2));
}

export function startHours() {
  document.addEventListener("input", ({ target }) => {
    const { start, end, hours } = target.form?.matches("[data-hours]") ? target.form.elements : {};
    if (!hours || target === hours) return;
    const worked = hoursBetween(start.valueAsNumber, end.valueAsNumber);
    if (worked !== null) hours.value = worked;
  });
}
