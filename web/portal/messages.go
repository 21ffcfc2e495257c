package portalweb

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/portal"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// AskWrite answers whether a message can be written on a job.
func (h Jobs) AskWrite(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskOnJob(r.Context(), v, chi.URLParam(r, "number"))
}

// Write writes a message on a job.
func (h Jobs) Write(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	number := chi.URLParam(r, "number")
	return writeMessage(w, r, sent, route.Job(number),
		func(n portal.Note) (string, error) { return h.Portal.WriteOnJob(r.Context(), v, number, n) },
		func(status int, f portalview.MessageForm) error { return h.show(w, r, v, status, nil, f) })
}

// AskWrite answers whether a message can be written on a quote.
func (h Quotes) AskWrite(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskOnQuote(r.Context(), v, chi.URLParam(r, "number"))
}

// Write writes a message on a quote.
func (h Quotes) Write(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	number := chi.URLParam(r, "number")
	return writeMessage(w, r, sent, route.Quote(number),
		func(n portal.Note) (string, error) { return h.Portal.WriteOnQuote(r.Context(), v, number, n) },
		func(status int, f portalview.MessageForm) error { return h.show(w, r, v, status, nil, f) })
}

// writeMessage takes a message for the record whose page is at url. Files that
// are refused do not hold the message up.
func writeMessage(w http.ResponseWriter, r *http.Request, sent *upload.Form, url string, write func(portal.Note) (string, error), again func(int, portalview.MessageForm) error) error {
	f := portalview.MessageForm{Text: form.Long(r, "text"), Nonce: form.Nonce(r)}
	id, err := "", sent.Over
	if err == nil {
		id, err = write(portal.Note{Text: f.Text, Nonce: f.Nonce, Files: sent.Files})
	}
	if problems, status, ok := refusal(w, err); ok {
		filesAgain(r, problems, sent)
		if why := problems["files"]; why != "" { // the page has another field for files
			delete(problems, "files")
			problems["message-files"] = why
		}
		f.Problems = problems
		return again(status, f)
	}
	if err != nil {
		return err
	}
	if len(sent.Refused) > 0 {
		session.Warn(r.Context(), "Your message was sent, but not every file with it. "+sent.Sentence())
	} else {
		session.Flash(r.Context(), "Your message was sent.")
	}
	return page.Redirect(w, r, url+"#"+portalview.MessageID(id))
}

// opened notes that the contact has seen what is new of a conversation; the
// page at hand still marks it, the navigation counts it no more.
func opened(ctx context.Context, desk *portal.Service, v portal.Viewer, c portal.Conversation, counted *int, less int) error {
	if err := desk.Opened(ctx, v, c.New()); err != nil {
		return err
	}
	if !v.Previewing() {
		*counted = max(*counted-less, 0)
	}
	return nil
}
