package apptest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
)

// HomeTab is a Tab in the browser's own profile, where an app may be installed: it
// shares its cookies with all others of this kind.
func (a *App) HomeTab(in context.Context) *Tab {
	a.t.Helper()
	ctx, cancel := chromedp.NewContext(in)
	a.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		a.t.Fatal("open a page: ", err)
	}
	t := &Tab{app: a, ctx: ctx}
	t.Size(1280, 900)
	t.Dark(false)
	return t
}

// Allow lets the page's origin show notifications.
func (t *Tab) Allow() {
	t.app.t.Helper()
	_, err := chromedp.CallBrowser(t.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: t.app.URL,
	})
	t.app.must(err)
}

// Before runs a script on each page from now on, before the page's own.
func (t *Tab) Before(script string) {
	t.app.t.Helper()
	_, err := chromedp.Call(t.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	t.app.must(err)
}

// Await is what an expression comes to, a promise's value when it is one.
func (t *Tab) Await(expression string) string {
	t.app.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	t.app.must(err)
	return v
}

// Manifest is what the browser understood of the page's manifest, and what it
// objects to, also to installing it.
func (t *Tab) Manifest() (m *page.WebAppManifest, wrong []string) {
	t.app.t.Helper()
	found, err := chromedp.Call(t.ctx, page.GetAppManifest, page.GetAppManifestParams{})
	t.app.must(err)
	for _, e := range found.Errors {
		wrong = append(wrong, e.Message)
	}
	errs, err := chromedp.Call(t.ctx, page.GetInstallabilityErrors, cdp.Empty{})
	t.app.must(err)
	for _, e := range errs.InstallabilityErrors {
		wrong = append(wrong, e.ErrorID)
	}
	return found.Manifest, wrong
}

// Deliver hands a notification to the page's service worker, as a push service
// does, until the expression's promise is true: the browser's tools lose one now
// and then.
func (t *Tab) Deliver(data, until string) {
	t.app.t.Helper()
	for range 6 {
		t.deliver(data)
		if t.Await(`(async () => { for (let tries = 0; tries < 30; tries++) { if (String(await `+until+`) === "true") return "true"; await new Promise((done) => setTimeout(done, 100)); } return ""; })()`) == "true" {
			return
		}
	}
	t.app.t.Fatal("the notification is not shown")
}

func (t *Tab) deliver(data string) {
	t.app.t.Helper()
	t.Await(`navigator.serviceWorker.ready.then(async (r) => { while (r.active?.state !== "activated") await new Promise((done) => setTimeout(done, 20)); return ""; })`)
	if t.worker == nil {
		t.watchWorker()
	}
	select {
	case <-t.worker.known:
	case <-time.After(patience):
		t.app.t.Fatal("the page has no service worker")
	}
	id, _ := t.worker.id.Load().(serviceworker.RegistrationID)
	_, err := chromedp.Call(t.ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: t.app.URL, RegistrationID: id, Data: data})
	t.app.must(err)
}

// worker is by which number the browser knows the page's service worker, once it does.
type worker struct {
	id    atomic.Value
	known chan struct{}
	once  sync.Once
}

// watchWorker notes by which number the browser knows the page's service worker.
func (t *Tab) watchWorker() {
	t.app.t.Helper()
	t.worker = &worker{known: make(chan struct{})}
	t.app.must(chromedp.Listen(t.ctx, func(ev any) {
		updated, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated)
		if !ok {
			return
		}
		for _, r := range updated.Registrations {
			if strings.HasPrefix(r.ScopeURL, t.app.URL) && !r.IsDeleted {
				t.worker.id.Store(r.RegistrationID)
				t.worker.once.Do(func() { close(t.worker.known) })
			}
		}
	}))
	_, err := chromedp.Call(t.ctx, serviceworker.Enable, cdp.Empty{})
	t.app.must(err)
}

// InWorker is what an expression comes to in the page's service worker.
func (t *Tab) InWorker(expression string) string {
	t.app.t.Helper()
	infos, err := chromedp.Targets(t.ctx)
	t.app.must(err)
	for _, i := range infos {
		if i.Type == "service_worker" && strings.HasPrefix(i.URL, t.app.URL) {
			ctx, cancel := chromedp.NewContext(t.ctx, chromedp.WithTargetID(i.TargetID))
			defer cancel()
			v, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
			t.app.must(err)
			return v
		}
	}
	t.app.t.Fatalf("no service worker of %s among %d targets", t.app.URL, len(infos))
	return ""
}
