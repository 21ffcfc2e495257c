package apptest

import "fmt"

// SeeValue waits until the field with that name holds a value.
func (t *Tab) SeeValue(name, value string) {
	t.app.t.Helper()
	t.until(fmt.Sprintf(`document.querySelector('[name="' + %s + '"]')?.value === %s`, quoted(name), quoted(value)), "for "+name+" to be “"+value+"”")
}

// SeeFocus waits until what selector finds has the focus.
func (t *Tab) SeeFocus(selector string) {
	t.app.t.Helper()
	t.until(fmt.Sprintf(`document.activeElement?.matches(%s)`, quoted(selector)), "for the focus at "+selector)
}

// Settled waits until what a script swaps in is there and takes presses.
func (t *Tab) Settled() {
	t.app.t.Helper()
	t.until(`document.readyState === "complete" && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")`, "for the page to settle")
}
