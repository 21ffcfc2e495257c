package apptest

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// seen is whether a box of the page can be seen: it is large enough to be, and
// at its middle, within the window, stands itself and nothing that covers it.
const seen = `(e => {
	if (e.matches("input.sr-only")) e = e.closest("label") || e; // its label shows the focus
	const b = e.getBoundingClientRect(), inside = b.width > 4 && b.height > 4 && b.left >= -1 && b.right <= innerWidth + 1 && b.top >= -1 && b.bottom <= innerHeight + 1;
	const tall = b.height > innerHeight - 200 && b.bottom > 0 && b.top < innerHeight;
	if (!inside && !tall) return false;
	if (tall) return true;
	const top = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
	return !top || e.contains(top) || top.contains(e) || !!e.labels && [...e.labels].some(l => l.contains(top)) || top.closest("tr, label, .control, .file-field__zone") === e.closest("tr, label, .control, .file-field__zone");
})`

// Walk presses Tab up to most times and tells where the keyboard was out of sight.
func (t *Tab) Walk(most int) (lost []string) {
	t.app.t.Helper()
	for range most {
		t.Key("Tab")
		where := js[string](t, `(() => {
			const e = document.activeElement;
			if (!e || e === document.body) return "end";
			return `+seen+`(e) ? "" : e.outerHTML.slice(0, 160) + " " + JSON.stringify(e.getBoundingClientRect());
		})()`)
		if where == "end" {
			return lost
		}
		if where != "" {
			lost = append(lost, where)
		}
	}
	return lost
}

// Outside says what of the elements found lies beyond the window's edges; "" for
// nothing. One of them has to be there to be seen.
func (t *Tab) Outside(selector string) string {
	t.app.t.Helper()
	return js[string](t, fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll(%s)].filter(e => e.getClientRects().length > 0);
		if (all.length === 0) return "nothing is shown";
		const out = all.find(e => { const b = e.getBoundingClientRect(); return b.left < -1 || b.right > document.documentElement.clientWidth + 1 || b.top < -1 || (getComputedStyle(e).position !== "absolute" && !e.closest(".filters__sheet") && b.bottom > innerHeight + 1) });
		return out ? out.outerHTML.slice(0, 120) + " " + JSON.stringify(out.getBoundingClientRect()) : "";
	})()`, quoted(selector)))
}

// Shown are the elements found that take room on the page.
func (t *Tab) Shown(selector string) []string {
	t.app.t.Helper()
	return js[[]string](t, fmt.Sprintf(`[...document.querySelectorAll(%s)].filter(e => { const b = e.getBoundingClientRect(); return b.width > 1 && b.height > 1 }).map(e => e.outerHTML.slice(0, 120))`, quoted(selector)))
}

// Hollow are the elements found that take room on the page and show nothing but a title.
func (t *Tab) Hollow(selector string) []string {
	t.app.t.Helper()
	return js[[]string](t, fmt.Sprintf(`[...document.querySelectorAll(%s)].filter(e => {
		const titles = [...e.querySelectorAll("h2, h3")].filter(h => h.getClientRects().length > 0).map(h => h.innerText.trim()).join("");
		return e.getClientRects().length > 0 && e.innerText.replace(/\s/g, "") === titles.replace(/\s/g, "") && ![...e.querySelectorAll("img, svg:not(.icon)")].some(p => p.getClientRects().length > 0);
	}).map(e => e.outerHTML.slice(0, 120))`, quoted(selector)))
}

// ToEnd scrolls to the end of the page.
func (t *Tab) ToEnd() {
	t.app.t.Helper()
	js[bool](t, `(scrollTo({top: document.documentElement.scrollHeight, behavior: "instant"}), true)`)
	t.until(`scrollY + innerHeight >= document.documentElement.scrollHeight - 2`, "the end of the page")
}

// Paper shows the page as it is printed, or as it is on the screen again.
func (t *Tab) Paper(on bool) {
	t.app.t.Helper()
	media := ""
	if on {
		media = "print"
	}
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
		return err
	}))
}
