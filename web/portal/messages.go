package portalweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Write writes a message on a job.
func (h Jobs) Write(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	number := chi.URLParam(r, "number")
	return writeMessage(w, r, v, route.Job(number),
		func(n portal.Note) (string, error) { return h.Portal.WriteOnJob(r.Context(), v, number, n) },
		func(f portalview.MessageForm) error { return h.show(w, r, v, http.StatusUnprocessableEntity, nil, f) })
}

// Write writes a message on a quote.
func (h Quotes) Write(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	number := chi.URLParam(r, "number")
	return writeMessage(w, r, v, route.Quote(number),
		func(n portal.Note) (string, error) { return h.Portal.WriteOnQuote(r.Context(), v, number, n) },
		func(f portalview.MessageForm) error { return h.show(w, r, v, http.StatusUnprocessableEntity, nil, f) })
}

// writeMessage takes a message for the record whose page is at url. Files that
// are refused do not hold the message up.
func writeMessage(w http.ResponseWriter, r *http.Request, v portal.Viewer, url string, write func(portal.Note) (string, error), again func(portalview.MessageForm) error) error {
	sent, err := received(w, r, v)
	if err != nil {
		return err
	}
	defer sent.Close()
	f := portalview.MessageForm{Text: form.Long(r, "text"), Nonce: form.Nonce(r)}
	id, err := write(portal.Note{Text: f.Text, Nonce: f.Nonce, Files: sent.Files})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		filesAgain(r, problems, sent)
		if why := problems["files"]; why != "" { // the page has another field for files
			delete(problems, "files")
			problems["message-files"] = why
		}
		f.Problems = problems
		return again(f)
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
func opened(ctx context.Context, desk *portal.Service, v portal.Viewer, c portal.Conversation, counted *int) error {
	fresh := c.New()
	if err := desk.Opened(ctx, v, fresh); err != nil {
		return err
	}
	if !v.Previewing() {
		*counted = max(*counted-len(fresh), 0)
	}
	return nil
}
