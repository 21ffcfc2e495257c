package signinweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// PasskeyRefused is Refused for a passkey.
func PasskeyRefused(w http.ResponseWriter, err error) (int, problem.Set) {
	switch limited, tooMany := errors.AsType[signin.Limited](err); {
	case errors.Is(err, signin.ErrLate):
		return http.StatusUnprocessableEntity, problem.Set{"": "That took too long. Try your passkey once more."}
	case errors.Is(err, signin.ErrCopied):
		return http.StatusUnprocessableEntity, problem.Set{"": "This passkey may have been copied. Go on without it, then remove it and add a new one."}
	case errors.Is(err, signin.ErrWrong):
		return http.StatusUnprocessableEntity, problem.Set{"": "This passkey does not work here. Choose another way."}
	case tooMany:
		status, _ := Refused(w, limited)
		return status, problem.Set{"": "Too many tries. Wait a while, or choose another way."}
	}
	return 0, nil
}

// Challenge asks the browser of whoever is about to sign in for a passkey.
func (s Side) Challenge(w http.ResponseWriter, r *http.Request) error {
	options, err := s.Service.AskPasskey(r.Context(), s.Name, s.Session.Challenged(w, r))
	if err != nil {
		return err
	}
	return writeJSON(w, options)
}

func writeJSON(w http.ResponseWriter, body []byte) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(body) //nolint:gosec // JSON, and said to be
	return err
}

// Passkeys are the screens of somebody's own passkeys. Who is By; Format and Contact are
// those of the page that Show puts them in.
type Passkeys struct {
	Service *signin.Service
	Session *session.Manager
	By      audit.Actor
	Format  company.Format
	Contact string
	URL     string
	Home    string
	Proved  func() error // refuses a deed without a fresh proof
	Show    func(status int, v signinview.Passkeys) error
}

func (h Passkeys) show(r *http.Request, status int, change func(*signinview.Passkeys)) error {
	list, err := h.Service.Passkeys(r.Context(), h.By)
	if err != nil {
		return err
	}
	v := signinview.Passkeys{List: list, Format: h.Format, Contact: h.Contact, URL: h.URL, Off: !h.Service.HasPasskeys()}
	change(&v)
	return h.Show(status, v)
}

// List shows them; one can be named.
func (h Passkeys) List(r *http.Request) error {
	return h.show(r, http.StatusOK, func(v *signinview.Passkeys) {
		for _, k := range v.List {
			if r.URL.Query().Get("rename") == strconv.FormatInt(k.ID, 10) {
				v.Naming, v.Typed = k.ID, k.Name
			}
		}
	})
}

// Challenge asks the browser to make one.
func (h Passkeys) Challenge(w http.ResponseWriter, r *http.Request) error {
	options, err := h.Service.AskNewPasskey(r.Context(), h.By, h.Session.Challenged(w, r))
	if err != nil {
		return err
	}
	return writeJSON(w, options)
}

// Add keeps the one that the browser has made, under the browser's name.
func (h Passkeys) Add(w http.ResponseWriter, r *http.Request) error {
	if err := h.Proved(); err != nil {
		return err
	}
	name := signin.BrowserName(session.Device(r).Browser)
	err := h.Service.AddPasskey(r.Context(), h.By, h.Session.Challenger(r), []byte(form.Secret(r, "passkey")), name)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.show(r, http.StatusUnprocessableEntity, func(v *signinview.Passkeys) { v.Problems = problems })
	}
	if err != nil {
		return err
	}
	session.PasskeyOffered(r.Context())
	session.Flash(r.Context(), "Your passkey is added. Next time, press “Sign in with a passkey”.")
	return page.Redirect(w, r, h.URL)
}

// Rename names one.
func (h Passkeys) Rename(w http.ResponseWriter, r *http.Request) error {
	id, err := passkeyID(r)
	if err != nil {
		return err
	}
	name := form.Text(r, "name")
	err = h.Service.RenamePasskey(r.Context(), h.By, id, name)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.show(r, http.StatusUnprocessableEntity, func(v *signinview.Passkeys) { v.Naming, v.Typed, v.Problems = id, name, problems })
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Saved.")
	return page.Redirect(w, r, h.URL)
}

// Remove removes one.
func (h Passkeys) Remove(w http.ResponseWriter, r *http.Request) error {
	id, err := passkeyID(r)
	if err != nil {
		return err
	}
	if err := h.Proved(); err != nil {
		return err
	}
	if err := h.Service.RemovePasskey(r.Context(), h.By, id, session.Here(r.Context())); err != nil {
		return err
	}
	session.Flash(r.Context(), "The passkey is removed. You are signed out on all other devices.")
	return page.Redirect(w, r, h.URL)
}

// Answer takes the answer to the offer of one.
func (h Passkeys) Answer(w http.ResponseWriter, r *http.Request) error {
	if err := h.Service.AnswerPasskeyOffer(r.Context(), h.By); err != nil {
		return err
	}
	session.PasskeyOffered(r.Context())
	if form.Text(r, "answer") == "yes" {
		return page.Redirect(w, r, h.URL)
	}
	return page.Redirect(w, r, h.Home)
}

func passkeyID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return 0, apperr.NotFound
	}
	return id, nil
}

// PasskeyLogin is where a passkey signs in, "" where nobody can have one.
func PasskeyLogin(s *signin.Service, side signin.Side) string {
	switch {
	case !s.HasPasskeys():
		return ""
	case side == signin.Office:
		return route.OfficePasskeyLogin
	}
	return route.PasskeyLogin
}
