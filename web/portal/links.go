package portalweb

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	"fieldgate/internal/secret"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
)

// Links are the screens of record links.
type Links struct {
	Service *signin.Service
	Session *session.Manager
	Reader  *portal.Reader
}

// Arrive is where the link in an email leads. It asks the database nothing, and
// leads on at once to an address without the token: a browser's history keeps
// where it was led to, and not what led there.
func (h Links) Arrive(w http.ResponseWriter, r *http.Request) error {
	unreferred(w)
	if token := signinweb.Token(r); secret.HashToken(token) != nil {
		h.Session.KeepOpening(w, token)
	} else {
		h.Session.KeepOpening(w, "")
	}
	return page.Redirect(w, r, route.OpenRecord)
}

func unreferred(w http.ResponseWriter) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
}

// Show shows the button that opens the record. It changes nothing.
func (h Links) Show(w http.ResponseWriter, r *http.Request) error {
	unreferred(w)
	if r.URL.Query().Has("sent") {
		return h.page(w, r, http.StatusOK, "Look into your mailbox", "If the link was one of ours and is still of use, an email with a new one is on its way to the same address.", func(frame layout.SignInPage) templ.Component {
			return signinview.OneWay(frame, "Go to Log In", route.Login)
		})
	}
	if there := h.pressed(r); there != "" {
		return page.Redirect(w, r, there)
	}
	l, err := h.find(r)
	if errors.Is(err, signin.ErrSpent) {
		return h.spent(w, r)
	}
	if err != nil {
		return err
	}
	if there := h.inside(r, l); there != "" {
		return page.Redirect(w, r, there)
	}
	return h.ask(w, r, l, false)
}

// ask is the page with the button.
func (h Links) ask(w http.ResponseWriter, r *http.Request, l signin.RecordLink, another bool) error {
	o := portalview.OpenRecord{Link: l, Mark: h.mark(r), Another: another}
	if v, ok := session.PortalViewer(r.Context()); ok {
		o.As = v.Name
	}
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	return h.page(w, r, http.StatusOK, o.Title(), b.Name+" has sent this to "+l.Name+". No password is needed.", func(frame layout.SignInPage) templ.Component {
		return portalview.ShowOpenRecord(frame, o)
	})
}

// find is the link that the browser is about to open, or signin.ErrSpent: one
// that is unknown, over, or of a record that its contact sees no more is answered
// alike.
func (h Links) find(r *http.Request) (signin.RecordLink, error) {
	l, err := h.Service.FindRecordLink(r.Context(), h.Session.Opening(r))
	if errors.Is(err, apperr.NotFound) || (err == nil && l.State != signin.Ready) {
		return l, signin.ErrSpent
	}
	if err != nil {
		return l, err
	}
	seen, err := h.Reader.SeesByLink(r.Context(), l)
	if err == nil && !seen {
		err = signin.ErrSpent
	}
	return l, err
}

// pressed is the record's page for who has pressed the button already, and comes
// back to it, or presses twice.
func (h Links) pressed(r *http.Request) string {
	if v, ok := session.LinkViewer(r.Context()); ok && h.Session.Opening(r) == "" {
		return portalview.RecordOf(v)
	}
	return ""
}

// inside is the record's page for who needs no button: whoever is signed in as
// the link's person or, by their company, as its contact, in their own session, and who has pressed it before.
func (h Links) inside(r *http.Request, l signin.RecordLink) string {
	if v, ok := session.PortalViewer(r.Context()); ok && (v.Person != 0 && v.Person == l.Person || v.ByCompany && v.Contact == l.Contact) {
		if _, linked := session.LinkViewer(r.Context()); !linked {
			return route.LinkAs(recordOf(l), l.Contact)
		}
	}
	if v, ok := session.LinkViewer(r.Context()); ok && v.Contact == l.Contact && v.Link.Job == l.Job && v.Link.Quote == l.Quote {
		return recordOf(l)
	}
	return ""
}

// recordOf is the page of the link's record, at what the email was about.
func recordOf(l signin.RecordLink) string {
	to := route.Job(l.Number)
	if l.Quote != 0 {
		to = route.Quote(l.Number)
	}
	if l.AboutMessage {
		to += "#messages"
	}
	return to
}

// Open begins the session that looks at the record.
func (h Links) Open(w http.ResponseWriter, r *http.Request) error {
	unreferred(w)
	if there := h.pressed(r); there != "" {
		return page.Redirect(w, r, there)
	}
	l, err := h.find(r)
	if there := h.inside(r, l); err == nil && there != "" {
		return page.Redirect(w, r, there)
	}
	if err == nil && subtle.ConstantTimeCompare([]byte(form.Text(r, "mark")), []byte(h.mark(r))) == 0 {
		return h.ask(w, r, l, true)
	}
	if err == nil {
		l, err = h.Session.BeginByLink(w, r, h.Session.Opening(r))
	}
	if errors.Is(err, signin.ErrSpent) || errors.Is(err, apperr.NotFound) {
		return h.spent(w, r)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, recordOf(l))
}

// mark tells the link that the browser is about to open from others.
func (h Links) mark(r *http.Request) string {
	hash := secret.HashToken(h.Session.Opening(r))
	return base64.RawURLEncoding.EncodeToString(hash[:min(len(hash), 6)])
}

// spent explains a link that works no more.
func (h Links) spent(w http.ResponseWriter, r *http.Request) error {
	h.Service.LogDeadRecordLink(r.Context(), page.Visitor(r))
	return h.page(w, r, http.StatusGone, "This link no longer works", "The links in our emails work for 14 days, and end earlier when they are no longer needed. We can send a new one to the address that the email went to.", portalview.ShowLinkSpent)
}

// Renew sends a fresh link to the same address. The answer is always the same.
func (h Links) Renew(w http.ResponseWriter, r *http.Request) error {
	if err := h.Service.RenewRecordLink(r.Context(), page.Visitor(r), h.Session.Opening(r), h.Reader.SeesByLink); err != nil {
		return err
	}
	return page.Redirect(w, r, route.OpenRecord+"?sent")
}

// Leave ends looking at the record.
func (h Links) Leave(w http.ResponseWriter, r *http.Request) error {
	if err := h.Session.LeaveLink(w, r); err != nil {
		return err
	}
	session.Forget(w)
	return page.Redirect(w, r, route.Home)
}

func (h Links) page(w http.ResponseWriter, r *http.Request, status int, title, intro string, draw func(layout.SignInPage) templ.Component) error {
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	return page.Render(w, r, status, draw(portalview.SignInPage(b, title, intro)))
}
