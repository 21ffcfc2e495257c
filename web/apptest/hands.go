package apptest

import (
	"cmp"
	"context"
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys are those that tests press, as KeyboardEvent.key names them.
var keys = map[string]string{
	"Enter": kb.Enter, "Escape": kb.Escape, "Tab": kb.Tab, "Home": kb.Home, "End": kb.End, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight, "ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, " ": " ",
}

// Key presses a key; a name that is none is typed, letter by letter.
func (t *Tab) Key(name string) {
	t.app.t.Helper()
	t.do(chromedp.KeyEvent(cmp.Or(keys[name], name)))
}

// Focus moves the keyboard to the first element that the selector finds.
func (t *Tab) Focus(selector string) {
	t.app.t.Helper()
	find := fmt.Sprintf(`document.querySelector(%s)`, quoted(selector))
	t.until(find+` !== null`, "an element "+selector)
	js[bool](t, `(`+find+`.focus(), true)`)
}

// Click presses the first element that the selector finds.
func (t *Tab) Click(selector string) {
	t.app.t.Helper()
	find := fmt.Sprintf(`document.querySelector(%s)`, quoted(selector))
	t.until(find+` !== null`, "an element "+selector)
	js[bool](t, `(`+find+`.focus(), `+find+`.click(), true)`)
}

// Focused is what is read aloud of the element that has the keyboard.
func (t *Tab) Focused() string {
	t.app.t.Helper()
	return js[string](t, `(() => { const e = document.activeElement; return e.getAttribute("aria-label") || e.querySelector("img")?.alt || e.innerText.trim() })()`)
}

// Gone waits until nothing is found by the selector.
func (t *Tab) Gone(selector string) {
	t.app.t.Helper()
	t.until(fmt.Sprintf(`document.querySelector(%s) === null`, quoted(selector)), "the end of "+selector)
}

// Swipe moves a finger over the middle of the page by so many pixels to the
// right, or to the left.
func (t *Tab) Swipe(by float64) {
	t.app.t.Helper()
	x, y := js[float64](t, `innerWidth / 2`), js[float64](t, `innerHeight / 2`)
	t.finger([2]float64{x - by/2, y}, [2]float64{x - 0.2*by, y}, [2]float64{x + 0.2*by, y}, [2]float64{x + by/2, y})
}

// Draw draws a wave with a finger on what the selector finds.
func (t *Tab) Draw(selector string) {
	t.app.t.Helper()
	find := fmt.Sprintf(`document.querySelector(%s)`, quoted(selector))
	t.until(find+`?.offsetWidth > 0`, "a place to draw, "+selector)
	js[bool](t, `(`+find+`.scrollIntoView({block: "center"}), true)`)
	at := func(side string) float64 { return js[float64](t, find+`.getBoundingClientRect().`+side) }
	x, y, w, h := at("x"), at("y"), at("width"), at("height")
	var wave [][2]float64
	for n := range 12 {
		wave = append(wave, [2]float64{x + w*(0.2+0.05*float64(n)), y + h*(0.5+0.15*float64(n%3-1))})
	}
	t.finger(wave...)
}

// finger touches the page at the first place and lets go at the last.
func (t *Tab) finger(places ...[2]float64) {
	t.app.t.Helper()
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) error {
			_, err := chromedp.Call(ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
			return err
		}
		kind := input.DispatchTouchEventTypeTouchStart
		for _, at := range places {
			if err := touch(kind, &input.TouchPoint{X: at[0], Y: at[1]}); err != nil {
				return err
			}
			kind = input.DispatchTouchEventTypeTouchMove
		}
		return touch(input.DispatchTouchEventTypeTouchEnd)
	}))
}

// Drop drops a file of text on the page.
func (t *Tab) Drop(name, content string) {
	t.app.t.Helper()
	js[bool](t, fmt.Sprintf(`(() => {
		const held = new DataTransfer();
		held.items.add(new File([%s], %s, {type: "text/plain"}));
		for (const type of ["dragover", "drop"]) document.querySelector("h1").dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: held}));
		return true;
	})()`, quoted(content), quoted(name)))
}
