package gate

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
)

// proof is how a side asks for the password again: who is asked, where they go
// instead, and the page.
type proof struct {
	by   audit.Actor
	home string
	page func(signinview.Proof, problem.Set) templ.Component
}

// run does a deed that may need a fresh proof. Then it asks for the password,
// and the form that was sent waits in the page: with the right password it is
// sent once more, as it was.
func (p proof) run(w http.ResponseWriter, r *http.Request, deed func(proved bool) error) error {
	if f := waited(r.Context()); f != nil {
		return f.show(w, r, deed(true)) // nothing is done that would need a proof
	}
	typed, passkey := r.PostForm["proof"], r.PostForm.Get("proof-passkey") // forms with files are not read here: none of them needs a proof
	if len(typed) == 0 {
		err := deed(false)
		if errors.Is(err, apperr.ProofNeeded) {
			return p.ask(w, r, http.StatusForbidden, nil)
		}
		return err
	}
	if passkey != "" {
		err := session.ProveWithPasskey(r.Context(), p.by, passkey)
		if status, problems := signinweb.PasskeyRefused(w, err); status != 0 {
			return p.ask(w, r, status, problem.Set{"proof": problems[""]})
		}
		if err != nil {
			return err
		}
		return deed(true)
	}
	if typed[0] == "" {
		return p.ask(w, r, http.StatusUnprocessableEntity, problem.Set{"proof": "Enter your password."})
	}
	err := session.Prove(r.Context(), p.by, typed[0])
	if errors.Is(err, signin.ErrWrong) {
		return p.ask(w, r, http.StatusUnprocessableEntity, problem.Set{"proof": "This is not your password."})
	}
	if status, problems := signinweb.Refused(w, err); status != 0 {
		return p.ask(w, r, status, problems)
	}
	if err != nil {
		return err
	}
	return deed(true)
}

func (p proof) ask(w http.ResponseWriter, r *http.Request, status int, problems problem.Set) error {
	kept := url.Values{}
	for name, values := range r.PostForm {
		if name != "proof" && name != "proof-passkey" {
			kept[name] = values
		}
	}
	back := p.home
	if from, err := url.Parse(r.Referer()); err == nil && from.Path != r.URL.Path {
		back = form.Local(from.RequestURI(), p.home)
	}
	return page.Render(w, r, status, p.page(signinview.Proof{Post: r.URL.RequestURI(), Kept: kept, Back: back, Passkey: session.PasskeyLogin(r.Context())}, problems))
}
