package apptest

import (
	"context"
	"fmt"
	"strings"
	"sync"
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
// does.
func (t *Tab) Deliver(data string) {
	t.app.t.Helper()
	var mu sync.Mutex
	var id serviceworker.RegistrationID
	t.app.must(chromedp.Listen(t.ctx, func(ev any) {
		if updated, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			mu.Lock()
			defer mu.Unlock()
			for _, r := range updated.Registrations {
				if strings.HasPrefix(r.ScopeURL, t.app.URL) && !r.IsDeleted {
					id = r.RegistrationID
				}
			}
		}
	}))
	_, err := chromedp.Call(t.ctx, serviceworker.Disable, cdp.Empty{}) // it tells of what there is when it begins
	t.app.must(err)
	_, err = chromedp.Call(t.ctx, serviceworker.Enable, cdp.Empty{})
	t.app.must(err)
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		mu.Lock()
		found := id
		mu.Unlock()
		if found != "" {
			_, err := chromedp.Call(t.ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: t.app.URL, RegistrationID: found, Data: data})
			t.app.must(err)
			return
		}
		if time.Now().After(end) {
			t.app.t.Fatal("the page has no service worker")
		}
	}
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
	t.app.t.Fatal(fmt.Sprintf("no service worker of %s among %d targets", t.app.URL, len(infos)))
	return ""
}

// Until waits until an expression's promise is true.
func (t *Tab) Until(expression, what string) {
	t.app.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if t.Await(expression+`.then(String)`) == "true" {
			return
		}
	}
	t.app.t.Fatal("waited in vain for " + what)
}
