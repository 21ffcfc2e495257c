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
	officeview "fieldgate/templates/office"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
)

// proof is how a side asks for the password again, or for a code by email: who
// is asked, where they go instead, and the page.
type proof struct {
	by   audit.Actor
	home string
	door door
	page func(signinview.Proof, problem.Set) templ.Component
}

// run does a deed that may need a fresh proof. Then it asks for the password,
// and the form that was sent waits in the page: with the right password it is
// sent once more, as it was.
func (p proof) run(w http.ResponseWriter, r *http.Request, deed func(proved bool) error) error {
	if f := waited(r.Context()); f != nil {
		return f.show(w, r, deed(true)) // nothing is done that would need a proof
	}
	// Forms with files are not read here: none of them needs a proof.
	password, code, passkey := r.PostForm["proof"], r.PostForm["proof-code"], r.PostForm.Get("proof-passkey")
	switch {
	case passkey != "":
		return p.byPasskey(w, r, passkey, deed)
	case r.PostForm.Get("proof-by") == "provider":
		return p.toProvider(w, r)
	case r.PostForm.Has("proof-by"):
		return p.send(w, r)
	case len(code) > 0:
		return p.byCode(w, r, code[0], deed)
	case len(password) > 0:
		return p.byPassword(w, r, password[0], deed)
	}
	err := deed(false)
	if errors.Is(err, apperr.ProofNeeded) {
		return p.ask(w, r, http.StatusForbidden, false, nil)
	}
	return err
}

func (p proof) byPasskey(w http.ResponseWriter, r *http.Request, answer string, deed func(proved bool) error) error {
	err := session.ProveWithPasskey(r.Context(), p.by, answer)
	if status, problems := signinweb.PasskeyRefused(w, err); status != 0 {
		return p.ask(w, r, status, false, problem.Set{"proof": problems[""]})
	}
	if err != nil {
		return err
	}
	return deed(true)
}

func (p proof) byPassword(w http.ResponseWriter, r *http.Request, typed string, deed func(proved bool) error) error {
	if typed == "" {
		return p.ask(w, r, http.StatusUnprocessableEntity, false, problem.Set{"proof": "Enter your password."})
	}
	err := session.Prove(r.Context(), p.by, typed)
	if errors.Is(err, signin.ErrWrong) {
		return p.ask(w, r, http.StatusUnprocessableEntity, false, problem.Set{"proof": "This is not your password."})
	}
	if status, problems := signinweb.Refused(w, err); status != 0 {
		return p.ask(w, r, status, false, problems)
	}
	if err != nil {
		return err
	}
	return deed(true)
}

// send sends a code to whoever may prove it so, and asks for it.
func (p proof) send(w http.ResponseWriter, r *http.Request) error {
	err := session.SendProof(w, r, p.by)
	if limited, ok := errors.AsType[signin.Limited](err); ok {
		return p.ask(w, r, http.StatusTooManyRequests, false, signinweb.EnoughForNow(limited))
	}
	if err != nil {
		return err
	}
	return p.ask(w, r, http.StatusOK, true, nil)
}

// toProvider sends them to where they log in. The form that was sent waits
// meanwhile, as one does whose session has ended.
func (p proof) toProvider(w http.ResponseWriter, r *http.Request) error {
	ways, err := session.Proofs(r.Context(), p.by)
	if err != nil {
		return err
	}
	if !ways.Provider {
		return apperr.NotFound
	}
	r.PostForm.Del("proof-by")
	next, err := p.door.keepAs(w, r, unsent{URL: r.URL.RequestURI(), Back: p.back(r), Proof: true})
	if err != nil {
		return err
	}
	side := providerSide(r, p.by)
	l, err := session.LeaveToProve(r, p.by, next)
	if err != nil {
		return side.ProviderFailed(w, r, err)
	}
	return side.ToProvider(w, r, l)
}

// providerSide are the pages on the way to a provider, for somebody signed in.
func providerSide(r *http.Request, by audit.Actor) signinweb.Side {
	m := session.ManagerOf(r.Context())
	if by.Staff != 0 {
		return signinweb.Side{Service: m.ServiceOf(), Session: m, Page: officeview.SignInPage, View: signinview.Side{Login: route.Office}, Name: signin.Office, Home: route.Office}
	}
	return signinweb.Side{Service: m.ServiceOf(), Session: m, Page: portalview.SignInPage, View: signinview.Side{Login: route.Home}, Name: signin.Portal, Home: route.Home}
}

// back is the page that the form stood on.
func (p proof) back(r *http.Request) string {
	if from, err := url.Parse(r.Referer()); err == nil && from.Path != r.URL.Path {
		return form.Local(from.RequestURI(), p.home)
	}
	return p.home
}

func (p proof) byCode(w http.ResponseWriter, r *http.Request, typed string, deed func(proved bool) error) error {
	err := session.ProveByCode(w, r, p.by, typed)
	wrong, isWrong := errors.AsType[signin.WrongCode](err)
	if errors.Is(err, signin.ErrCodeSpent) || (isWrong && wrong.Left == 0) {
		return p.ask(w, r, http.StatusUnprocessableEntity, true, problem.Set{"code": "This code no longer works. Send a new one."})
	}
	if isWrong {
		return p.ask(w, r, http.StatusUnprocessableEntity, true, problem.Set{"code": "This is not the code. You have " + ui.Plural(wrong.Left, "try", "tries") + " left."})
	}
	if status, problems := signinweb.RefusedFactor(w, err); status != 0 {
		return p.ask(w, r, status, true, problems)
	}
	if err != nil {
		return err
	}
	return deed(true)
}

func (p proof) ask(w http.ResponseWriter, r *http.Request, status int, sent bool, problems problem.Set) error {
	ways, err := session.Proofs(r.Context(), p.by)
	if err != nil {
		return err
	}
	kept := url.Values{}
	for name, values := range r.PostForm {
		if name != "proof" && name != "proof-passkey" && name != "proof-code" && name != "proof-by" {
			kept[name] = values
		}
	}
	return page.Render(w, r, status, p.page(signinview.Proof{Post: r.URL.RequestURI(), Kept: kept, Back: p.back(r), Provider: session.ProviderLabel(r.Context()), Ways: ways, Sent: sent, Passkey: session.PasskeyLogin(r.Context())}, problems))
}
