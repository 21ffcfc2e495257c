package officeweb

import (
	"net/http"

	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	signinweb "fieldgate/web/signin"
)

// PasskeyChallenge asks the browser for a passkey.
func (h SignIn) PasskeyChallenge(w http.ResponseWriter, r *http.Request) error {
	return h.side().Challenge(w, r)
}

// SignInWithPasskey lets in whoever's passkey the browser has.
func (h SignIn) SignInWithPasskey(w http.ResponseWriter, r *http.Request) error {
	entry, err := h.Service.SignInStaffWithPasskey(r.Context(), page.Visitor(r), h.Session.Challenger(r), []byte(form.Secret(r, "passkey")))
	if status, p := signinweb.PasskeyRefused(w, err); status != 0 {
		return h.login(w, r, status, "", p)
	}
	if err != nil {
		return err
	}
	return h.arrive(w, r, entry, form.Next(r, route.Office), "")
}

// passkeys are the member of staff's own.
func (h Account) passkeys(w http.ResponseWriter, r *http.Request, v staff.Viewer) signinweb.Passkeys {
	return signinweb.Passkeys{
		Service: h.SignIn, Session: h.Session, By: v.Actor(), Format: v.Format, URL: route.OfficePasskeys, Home: route.Office, Proved: v.CheckProof,
		Show: func(status int, list signinview.Passkeys) error {
			return page.Render(w, r, status, officeview.Passkeys(officeview.Page(v, "Passkeys", ""), list))
		},
	}
}

// Passkeys lists one's own passkeys.
func (h Account) Passkeys(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.passkeys(w, r, v).List(r)
}

// PasskeyChallenge asks the browser to make a passkey.
func (h Account) PasskeyChallenge(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.passkeys(w, r, v).Challenge(w, r)
}

// AddPasskey keeps the passkey that the browser has made.
func (h Account) AddPasskey(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.passkeys(w, r, v).Add(w, r)
}

// RenamePasskey names a passkey.
func (h Account) RenamePasskey(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.passkeys(w, r, v).Rename(w, r)
}

// RemovePasskey removes a passkey.
func (h Account) RemovePasskey(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.passkeys(w, r, v).Remove(w, r)
}

// AnswerPasskeyOffer takes the answer to the offer of a passkey.
func (h Account) AnswerPasskeyOffer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.passkeys(w, r, v).Answer(w, r)
}
