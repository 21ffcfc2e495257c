package apptest

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Shifts is how far what is shown has moved while the page came: Chromium's
// cumulative layout shift, where 0 is nothing.
func (t *Tab) Shifts() float64 {
	t.app.t.Helper()
	return promised[float64](t, `new Promise((done) => {
		let moved = 0;
		new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) moved += e.value; }).observe({type: "layout-shift", buffered: true});
		requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(moved))));
	})`)
}

// Push moves what a selector finds down by some pixels, as a picture without a
// size does when it comes.
func (t *Tab) Push(selector string, pixels int) {
	t.app.t.Helper()
	js[bool](t, fmt.Sprintf(`(document.querySelector(%s).style.paddingBlockStart = "%dpx", true)`, quoted(selector), pixels))
}

// Forget empties the browser's store of what it has loaded.
func (t *Tab) Forget() {
	t.app.t.Helper()
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
}

// Slow makes the page come as on slow 4G, to a phone whose processor is four
// times slower than this machine's.
func (t *Tab) Slow() {
	t.app.t.Helper()
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		const bits = 1_638_400 / 8 // a second, as bytes
		slow := []*network.Conditions{{Latency: 150, DownloadThroughput: bits, UploadThroughput: bits / 2}}
		if _, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: slow}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
		return err
	}))
}

// Offline cuts the page's connection, or gives it back.
func (t *Tab) Offline(off bool) {
	t.app.t.Helper()
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}}})
		return err
	}))
}

// Painted is when the largest part of the page was there, in milliseconds since
// it was asked for.
func (t *Tab) Painted() float64 {
	t.app.t.Helper()
	return promised[float64](t, `new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe({type: "largest-contentful-paint", buffered: true}))`)
}

// Answered presses a key in what a selector finds, and is how long the page took
// to show that, in milliseconds.
func (t *Tab) Answered(selector string) float64 {
	t.app.t.Helper()
	t.Focus(selector)
	js[bool](t, `(window.answered = new Promise((done) => new PerformanceObserver((list) => done(Math.max(...list.getEntries().map((e) => e.duration)))).observe({type: "event", durationThreshold: 16})), true)`)
	t.Key("Enter")
	return promised[float64](t, `Promise.race([window.answered, new Promise((done) => setTimeout(done, 1000, 16))])`)
}

func promised[T any](t *Tab, expression string) T {
	t.app.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	t.app.must(err)
	return v
}
