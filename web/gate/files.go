package gate

import (
	"context"
	"errors"
	"net/http"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/portal"
	"fieldgate/internal/staff"
	"fieldgate/web/form"
	"fieldgate/web/upload"
)

// PortalFiles is a screen of the portal that takes a form with files. Before it
// is read, ask answers whether it could be taken: the record is there for the
// viewer, who may do this now and has room for files. Nobody else receives files.
func PortalFiles(p PortalPolicy, ask func(*http.Request, portal.Viewer) (attachment.Room, error), screen func(http.ResponseWriter, *http.Request, portal.Viewer, *upload.Form) error) http.HandlerFunc {
	return portalFiles(p, ask, false, screen)
}

// PortalRequest is PortalFiles for what is mostly asked for without files. Of a
// small form nothing is asked before the first file comes: what was typed is read
// as that of any other form, and its deed asks by itself.
func PortalRequest(p PortalPolicy, ask func(*http.Request, portal.Viewer) (attachment.Room, error), screen func(http.ResponseWriter, *http.Request, portal.Viewer, *upload.Form) error) http.HandlerFunc {
	return portalFiles(p, ask, true, screen)
}

func portalFiles(p PortalPolicy, ask func(*http.Request, portal.Viewer) (attachment.Room, error), rarely bool, screen func(http.ResponseWriter, *http.Request, portal.Viewer, *upload.Form) error) http.HandlerFunc {
	return Portal(p, func(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
		asked := upload.Asked{Sender: upload.Sender{Customer: v.Customer}}
		var refused error
		switch {
		case waited(r.Context()) != nil: // nothing comes, and nothing is done
		case rarely && upload.Small(r):
			asked.First = func() (left attachment.Room, err error) {
				left, refused = ask(r, v)
				return left, refused
			}
		default:
			asked.Room, refused = ask(r, v)
			asked.Refused = refused
		}
		sent, err := upload.Receive(w, r, asked)
		if err != nil {
			return err
		}
		defer sent.Close()
		if err := CheckContact(form.Text(r, "contact"), v); err != nil {
			return err
		}
		if refused == nil {
			return screen(w, r, v, sent)
		}
		if _, later := errors.AsType[apperr.TooMany](refused); !later {
			return refused
		}
		// Not waiting for the rest of the form has ended the request, and its context.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 10*time.Second)
		defer cancel()
		return screen(w, r.WithContext(ctx), v, sent)
	})
}

// OfficeFiles is such a screen of the office.
func OfficeFiles(p OfficePolicy, ask func(*http.Request, staff.Viewer) error, screen func(http.ResponseWriter, *http.Request, staff.Viewer, *upload.Form) error) http.HandlerFunc {
	return Office(p, func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		if err := ask(r, v); err != nil && waited(r.Context()) == nil {
			return err
		}
		sent, err := upload.Receive(w, r, upload.Asked{Sender: upload.Sender{Staff: v.Staff}})
		if err != nil {
			return err
		}
		defer sent.Close()
		if sent.Over != nil {
			return sent.Over
		}
		return screen(w, r, v, sent)
	})
}
