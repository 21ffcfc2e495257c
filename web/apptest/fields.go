package apptest

import "fmt"

// SeeValue waits until the field with that name holds a value.
func (t *Tab) SeeValue(name, value string) {
	t.app.t.Helper()
	t.until(fmt.Sprintf(`document.querySelector('form [name="' + %s + '"]')?.value === %s`, quoted(name), quoted(value)), "for "+name+" to be “"+value+"”")
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

// Drafts waits until so many drafts lie in the browser.
func (t *Tab) Drafts(n int) {
	t.app.t.Helper()
	t.until(fmt.Sprintf(`Object.keys(localStorage).filter(k => k.startsWith("draft:")).length === %d`, n), fmt.Sprintf("for %d drafts", n))
}

// Fragment is the part of the page that its address leads to.
func (t *Tab) Fragment() string {
	t.app.t.Helper()
	return js[string](t, `location.hash`)
}

// Lose leaves a page as if its tab was closed: nothing asks whether that is meant.
func (t *Tab) Lose(path string) {
	t.app.t.Helper()
	js[bool](t, `(document.body.replaceChildren(), true)`)
	t.Open(path)
}

// SignOut presses Log Out in the account menu.
func (t *Tab) SignOut() {
	t.app.t.Helper()
	t.until(`document.querySelector("form[action$='/logout']") !== null`, "for Log Out")
	js[bool](t, `(document.querySelector("form[action$='/logout']").requestSubmit(), true)`)
}
