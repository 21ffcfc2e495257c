package portalweb

import (
	"net/http"

	"fieldgate/internal/portal"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	signinweb "fieldgate/web/signin"
)

// PasskeyChallenge asks the browser for a passkey.
func (h SignIn) PasskeyChallenge(w http.ResponseWriter, r *http.Request) error {
	return h.side().Challenge(w, r)
}

// SignInWithPasskey lets in whoever's passkey the browser has.
func (h SignIn) SignInWithPasskey(w http.ResponseWriter, r *http.Request) error {
	v := signinview.Login{Remember: form.Check(r, "remember")}
	entry, err := h.Service.SignInWithPasskey(r.Context(), page.Visitor(r), h.Session.Challenger(r), []byte(form.Secret(r, "passkey")))
	if status, p := signinweb.PasskeyRefused(w, err); status != 0 {
		return h.login(w, r, status, v, p)
	}
	if err != nil {
		return err
	}
	return h.arrive(w, r, entry, v.Remember, form.Next(r, route.Home))
}

// passkeys are the person's own; posted says that a form of theirs was sent.
func (h Account) passkeys(w http.ResponseWriter, r *http.Request, v portal.Viewer, posted bool) (signinweb.Passkeys, error) {
	if err := own(v); err != nil {
		return signinweb.Passkeys{}, err
	}
	if posted {
		if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
			return signinweb.Passkeys{}, err
		}
	}
	return signinweb.Passkeys{
		Service: h.SignIn.Service, Session: h.SignIn.Session, By: v.Actor(), Format: v.Business.Format, Contact: portalview.ContactOf(v), URL: route.Passkeys, Home: route.Home, Proved: v.CheckProof,
		Show: func(status int, list signinview.Passkeys) error {
			return page.Render(w, r, status, portalview.Passkeys(v, list))
		},
	}, nil
}

// Passkeys lists the person's passkeys.
func (h Account) Passkeys(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	own, err := h.passkeys(w, r, v, false)
	if err != nil {
		return err
	}
	return own.List(r)
}

// PasskeyChallenge asks the browser to make a passkey.
func (h Account) PasskeyChallenge(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	own, err := h.passkeys(w, r, v, true)
	if err != nil {
		return err
	}
	return own.Challenge(w, r)
}

// AddPasskey keeps the passkey that the browser has made.
func (h Account) AddPasskey(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	own, err := h.passkeys(w, r, v, true)
	if err != nil {
		return err
	}
	return own.Add(w, r)
}

// RenamePasskey names a passkey.
func (h Account) RenamePasskey(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	own, err := h.passkeys(w, r, v, true)
	if err != nil {
		return err
	}
	return own.Rename(w, r)
}

// RemovePasskey removes a passkey.
func (h Account) RemovePasskey(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	own, err := h.passkeys(w, r, v, true)
	if err != nil {
		return err
	}
	return own.Remove(w, r)
}

// AnswerPasskeyOffer takes the answer to the offer of a passkey.
func (h Account) AnswerPasskeyOffer(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	own, err := h.passkeys(w, r, v, true)
	if err != nil {
		return err
	}
	return own.Answer(w, r)
}
