package portalweb

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
)

// AskCode asks for the address that a code goes to.
func (h SignIn) AskCode(w http.ResponseWriter, r *http.Request) error {
	return h.askCode(w, r, http.StatusOK, signinview.CodeForm{Remember: session.OnPhone(r)}, nil)
}

func (h SignIn) askCode(w http.ResponseWriter, r *http.Request, status int, f signinview.CodeForm, p problem.Set) error {
	f = h.codeForm(r, f)
	return h.side().Show(w, r, status, "Sign in with a code", "Enter your email address, and we send you a code to type here. No password needed.", func(frame layout.SignInPage) templ.Component {
		return signinview.AskCode(frame, f, p)
	})
}

func (h SignIn) codeForm(r *http.Request, f signinview.CodeForm) signinview.CodeForm {
	f.Ask, f.Use, f.Login = route.LoginCode, route.LoginCodeDigits, with(route.Login, form.Next(r, route.Home))
	if next := form.Next(r, route.Home); next != route.Home {
		f.Next = next
	}
	return f
}

// SendCode sends a code, if there is anybody to send it to. The answer does not tell.
func (h SignIn) SendCode(w http.ResponseWriter, r *http.Request) error {
	next := form.Next(r, route.Home)
	f := signinview.CodeForm{Email: form.Text(r, "email"), Remember: form.Check(r, "remember")}
	if f.Email == "" && form.Check(r, "first") { // pressed beside the password, before the address was typed
		return page.Redirect(w, r, with(route.LoginCode, next))
	}
	token, err := h.Service.AskCode(r.Context(), page.Visitor(r), signin.CodeFor{Email: f.Email}, signin.SignInCode, h.Session.Waits(r, session.AskedCode).Token)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.askCode(w, r, http.StatusUnprocessableEntity, f, problems)
	}
	if err != nil {
		return err
	}
	h.Session.KeepWaiting(w, session.AskedCode, session.Waiting{Token: token, Email: f.Email, Remember: f.Remember})
	return page.Redirect(w, r, with(route.LoginCodeDigits, next))
}

// Code asks for the digits. It uses nothing up.
func (h SignIn) Code(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.PortalViewer(r.Context()); ok { // who pressed twice is in
		return page.Redirect(w, r, form.Next(r, route.Home))
	}
	if h.Session.Waits(r, session.AskedCode).Token == "" {
		return page.Redirect(w, r, with(route.LoginCode, form.Next(r, route.Home)))
	}
	return h.code(w, r, http.StatusOK, nil)
}

func (h SignIn) code(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	kept := h.Session.Waits(r, session.AskedCode)
	f := h.codeForm(r, signinview.CodeForm{Email: kept.Email, Remember: kept.Remember})
	intro := "If " + kept.Email + " is known here, an email with a code is on its way. The code works for " + day.Span(signin.CodeLife) + "."
	return h.side().Show(w, r, status, "Enter the code", intro, func(frame layout.SignInPage) templ.Component {
		return signinview.EnterCode(frame, f, p)
	})
}

// spentCode explains that there is nothing left to type, and offers another one.
func (h SignIn) spentCode(w http.ResponseWriter, r *http.Request) error {
	kept := h.Session.Waits(r, session.AskedCode)
	f := h.codeForm(r, signinview.CodeForm{Email: kept.Email, Remember: kept.Remember})
	intro := "It was used or replaced by a newer one, has expired, or was entered wrongly too often. We can send a new one to the same address."
	return h.side().Show(w, r, http.StatusGone, "This code no longer works", intro, func(frame layout.SignInPage) templ.Component {
		return signinview.SpentCode(frame, f)
	})
}

// UseCode lets in whoever types the right digits.
func (h SignIn) UseCode(w http.ResponseWriter, r *http.Request) error {
	kept := h.Session.Waits(r, session.AskedCode)
	entry, err := h.Service.SignInByCode(r.Context(), page.Visitor(r), kept.Token, form.Secret(r, "code"))
	if errors.Is(err, signin.ErrCodeSpent) {
		if _, ok := session.PortalViewer(r.Context()); ok { // pressed twice
			return page.Redirect(w, r, form.Next(r, route.Home))
		}
		return h.spentCode(w, r)
	}
	if wrong, ok := errors.AsType[signin.WrongCode](err); ok && wrong.Left == 0 {
		return h.spentCode(w, r)
	}
	if status, p := refusedCode(w, err); status != 0 {
		return h.code(w, r, status, p)
	}
	if err != nil {
		return err
	}
	h.Session.StopWaiting(w, r, session.AskedCode)
	return h.arrive(w, r, entry, kept.Remember, form.Next(r, route.Home))
}

// refusedCode is the status and the sentence for a code that was not taken; 0
// when err is none of that.
func refusedCode(w http.ResponseWriter, err error) (int, problem.Set) {
	if wrong, ok := errors.AsType[signin.WrongCode](err); ok {
		return http.StatusUnprocessableEntity, problem.Set{"code": fmt.Sprintf("This is not the code. You have %s left.", ui.Plural(wrong.Left, "try", "tries"))}
	}
	return signinweb.RefusedFactor(w, err)
}

func (h SignIn) factorForm(r *http.Request) signinview.FactorForm {
	f := signinview.FactorForm{Login: with(route.Login, form.Next(r, route.Home)), Lost: route.LoginFactorLost}
	if next := form.Next(r, route.Home); next != route.Home {
		f.Next = next
	}
	return f
}

// Factor asks for the second factor, after the first.
func (h SignIn) Factor(w http.ResponseWriter, r *http.Request) error {
	if _, ok := session.PortalViewer(r.Context()); ok && h.Session.Waits(r, session.AskedPortal).Token == "" { // pressed twice
		return page.Redirect(w, r, form.Next(r, route.Home))
	}
	return h.side().AskFactor(w, r, h.factorForm(r), http.StatusOK, nil)
}

// GiveFactor lets in whoever gives it.
func (h SignIn) GiveFactor(w http.ResponseWriter, r *http.Request) error {
	var entry signin.Entry
	remember, done, err := h.side().TakeFactor(w, r, h.factorForm(r), func(ctx context.Context, from audit.Actor, browser, typed string) (err error) {
		entry, err = h.Service.GiveFactor(ctx, from, browser, typed)
		return err
	})
	if err != nil || !done {
		return err
	}
	return h.arrive(w, r, entry, remember, form.Next(r, route.Home))
}

// Lost asks for the code that was sent to whoever has lost their second factor.
func (h SignIn) Lost(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("reported") {
		b, err := page.Business(r.Context())
		if err != nil {
			return err
		}
		return h.side().Show(w, r, http.StatusOK, "Your address is confirmed", "Now contact "+b.Name+", so that they know that it is you. They then remove the second factor, and you sign in without it. They can do so for three days.", func(frame layout.SignInPage) templ.Component {
			return signinview.OneWay(frame, "Back to Log In", route.Login)
		})
	}
	return h.lost(w, r, http.StatusOK, nil)
}

func (h SignIn) lost(w http.ResponseWriter, r *http.Request, status int, p problem.Set) error {
	if h.Session.Waits(r, session.AskedProof).Token == "" || h.Session.Waits(r, session.AskedPortal).Token == "" {
		return page.Redirect(w, r, route.LoginFactor)
	}
	f := signinview.FactorForm{Post: route.LoginFactorLost, Login: route.LoginFactor}
	return h.side().Show(w, r, status, "Confirm your address", "We have sent a code to your sign-in address. It shows that the address is yours; then the second factor can be removed.", func(frame layout.SignInPage) templ.Component {
		return signinview.LostFactor(frame, f, p)
	})
}

// ReportLost sends the code to whoever presses that the second factor is lost,
// and takes it.
func (h SignIn) ReportLost(w http.ResponseWriter, r *http.Request) error {
	waits, code := h.Session.Waits(r, session.AskedPortal).Token, h.Session.Waits(r, session.AskedProof).Token
	if !r.PostForm.Has("code") {
		token, err := h.Service.AskLost(r.Context(), page.Visitor(r), waits)
		if limited, ok := errors.AsType[signin.Limited](err); ok {
			return h.side().AskFactor(w, r, h.factorForm(r), http.StatusTooManyRequests, signinweb.EnoughForNow(limited))
		}
		if errors.Is(err, signin.ErrNotPending) {
			return page.Redirect(w, r, route.Login)
		}
		if err != nil {
			return err
		}
		h.Session.KeepWaiting(w, session.AskedProof, session.Waiting{Token: token})
		return page.Redirect(w, r, route.LoginFactorLost)
	}
	err := h.Service.ReportLost(r.Context(), page.Visitor(r), waits, code, form.Secret(r, "code"))
	wrong, isWrong := errors.AsType[signin.WrongCode](err)
	switch {
	case errors.Is(err, signin.ErrNotPending), errors.Is(err, apperr.NotFound):
		return page.Redirect(w, r, route.Login)
	case errors.Is(err, signin.ErrCodeSpent), isWrong && wrong.Left == 0:
		h.Session.StopWaiting(w, r, session.AskedProof)
		return h.side().AskFactor(w, r, h.factorForm(r), http.StatusGone, problem.Set{"": "That code no longer works. Press “I have lost it” once more for a new one."})
	}
	if status, p := refusedCode(w, err); status != 0 {
		return h.lost(w, r, status, p)
	}
	if err != nil {
		return err
	}
	h.Session.StopWaiting(w, r, session.AskedProof)
	h.Session.StopWaiting(w, r, session.AskedPortal)
	return page.Redirect(w, r, route.LoginFactorLost+"?reported")
}
