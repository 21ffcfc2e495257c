// Presets: choosing one sets the controls it names; changing those finds the preset they equal.

// matchingPreset is the name of the preset whose values are all in the form.
export function matchingPreset(presets, valueOf) {
  return Object.keys(presets).find((key) => Object.entries(presets[key]).every(([name, value]) => valueOf(name) === value));
}

const controlsOf = (form, name) => [...form.elements].filter((control) => control.name === name);

function valueIn(form, name) {
  const [control] = controlsOf(form, name);
  if (control?.type === "checkbox") return control.checked ? control.value : "";
  return control?.value;
}

function setValue(form, name, value) {
  for (const control of controlsOf(form, name)) {
    if (control.type === "checkbox") control.checked = value !== "";
    else control.value = value;
  }
}

export function startPresets() {
  document.addEventListener("change", ({ target }) => {
    const { form } = target;
    const radio = form?.querySelector("[data-presets]");
    if (!radio) return;
    const presets = JSON.parse(radio.dataset.presets);
    if (target.name === radio.name) {
      for (const [name, value] of Object.entries(presets[target.value] ?? {})) setValue(form, name, value);
      return;
    }
    const choice = matchingPreset(presets, (name) => valueIn(form, name)) ?? radio.dataset.presetsElse;
    for (const control of controlsOf(form, radio.name)) control.checked = control.value === choice;
  });
}
