package gate

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/templates/fail"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

const (
	previewSaves  = "This is a preview: nothing is saved or sent."
	previewSignIn = "A preview does not show this: signing in, passwords and invitations belong to the person. End the preview first."
)

// Preview keeps previews of the portal from doing anything. It stands in front
// of all its routes: only pages are asked for, and their buttons say why they
// do not work. A preview that is over says so once, whatever was asked for;
// the request is not answered as somebody else's.
func Preview(m *session.Manager) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v, ok := session.PortalViewer(r.Context())
			switch {
			case session.PreviewEnded(r.Context()):
				ended := fail.Page{Title: "The preview has ended", Text: "Nothing was saved or sent. Previews end after half an hour, and when you sign out of the office.", Home: route.Office, HomeLabel: "Back to the office"}
				if err := page.Render(w, r, http.StatusForbidden, fail.Show(ended)); err != nil {
					page.Fail(w, r, err)
				}
			case !ok || !v.Previewing():
				next.ServeHTTP(w, r)
			case r.Method != http.MethodGet && r.Method != http.MethodHead:
				page.Fail(w, r, refusedInPreview(previewSaves+" End the preview to go back to the office."))
			default:
				// Also of files that broke off midway, because somebody hung up.
				defer func() {
					if !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
						return
					}
					ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 10*time.Second)
					defer cancel()
					if err := m.RecordDownload(ctx); err != nil {
						slog.ErrorContext(ctx, "download in a preview not written down", "request", page.RequestID(r), "error", err)
					}
				}()
				next.ServeHTTP(w, r.WithContext(ui.ReadOnly(r.Context(), previewSaves)))
			}
		})
	}
}

func refusedInPreview(words string) error {
	return apperr.Forbidden{Title: "This is a preview", Words: words}
}

// refuseSignIn refuses pages of signing in to previews.
func refuseSignIn(r *http.Request) error {
	if v, ok := session.PortalViewer(r.Context()); ok && v.Previewing() {
		return refusedInPreview(previewSignIn)
	}
	return nil
}
