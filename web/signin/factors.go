package signinweb

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/boombuler/barcode/qr"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// RefusedFactor is Refused for digits: of a second factor or a code.
func RefusedFactor(w http.ResponseWriter, err error) (int, problem.Set) {
	if errors.Is(err, signin.ErrWrong) {
		return http.StatusUnprocessableEntity, problem.Set{"code": "This does not fit. Enter the 6 digits that your app shows now, each only once, or a recovery code that you have not used."}
	}
	if limited, ok := errors.AsType[signin.Limited](err); ok {
		page.RetryAfter(w, limited.Wait)
		return http.StatusTooManyRequests, problem.Set{"": "Too many tries. Wait " + day.Span(limited.Wait) + "."}
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return http.StatusUnprocessableEntity, problems
	}
	return 0, nil
}

// Factors are the pages of one's own second factor, for whoever of a side asks:
// By is who, Fresh that they have proved it lately.
type Factors struct {
	Service *signin.Service
	By      audit.Actor
	Stale   bool
	Home    string // the page's own address
	Draw    func(signinview.FactorPage, problem.Set) templ.Component
}

// prove asks for a fresh proof.
func (h Factors) prove() error {
	if h.Stale {
		return apperr.ProofNeeded
	}
	return nil
}

// Show shows the factor: off, being set up, or on. The secret is for those who
// have proved it lately.
func (h Factors) Show(w http.ResponseWriter, r *http.Request) error {
	return h.show(w, r, http.StatusOK, nil, nil)
}

func (h Factors) show(w http.ResponseWriter, r *http.Request, status int, codes []string, p problem.Set) error {
	f, err := h.Service.ReadFactor(r.Context(), h.By)
	if err != nil {
		return err
	}
	v := signinview.FactorPage{Home: h.Home, Factor: f, Codes: codes}
	if !f.On && !h.Stale {
		switch setup, err := h.Service.FactorSetup(r.Context(), h.By); {
		case err == nil:
			v.Setup = &setup
			if v.Size, v.Modules, err = modules(setup.URL); err != nil {
				return err
			}
		case !errors.Is(err, apperr.NotFound):
			return err
		}
	}
	return page.Render(w, r, status, h.Draw(v, p))
}

// modules are the dark squares of a QR code, as a path.
func modules(text string) (size int, path string, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return 0, "", fmt.Errorf("draw a QR code: %w", err)
	}
	var b strings.Builder
	size = code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y < 128 { //nolint:forcetypeassert // what the model makes
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return size, b.String(), nil
}

// Begin makes the secret to be set up.
func (h Factors) Begin(w http.ResponseWriter, r *http.Request) error {
	if err := h.prove(); err != nil {
		return err
	}
	if err := h.Service.BeginFactor(r.Context(), h.By); err != nil {
		return err
	}
	return page.Redirect(w, r, h.Home)
}

// Confirm turns the factor on, and shows its recovery codes, once.
func (h Factors) Confirm(w http.ResponseWriter, r *http.Request) error {
	if err := h.prove(); err != nil {
		return err
	}
	codes, err := h.Service.ConfirmFactor(r.Context(), h.By, form.Secret(r, "code"), session.Here(r.Context()))
	if errors.Is(err, apperr.NotFound) { // the set-up has gone
		return page.Redirect(w, r, h.Home)
	}
	return h.answer(w, r, codes, err)
}

// Renew replaces the recovery codes, and shows the new ones, once.
func (h Factors) Renew(w http.ResponseWriter, r *http.Request) error {
	return h.deed(w, r, func(ctx context.Context, typed string) ([]string, error) {
		return h.Service.RenewRecoveryCodes(ctx, h.By, typed)
	})
}

// Remove turns the factor off.
func (h Factors) Remove(w http.ResponseWriter, r *http.Request) error {
	return h.deed(w, r, func(ctx context.Context, typed string) ([]string, error) {
		err := h.Service.RemoveFactor(ctx, h.By, typed, session.Here(ctx))
		if err == nil {
			session.Flash(ctx, "Your second factor is off. You are signed out on all other devices.")
		}
		return nil, err
	})
}

func (h Factors) deed(w http.ResponseWriter, r *http.Request, do func(ctx context.Context, typed string) ([]string, error)) error {
	if err := h.prove(); err != nil {
		return err
	}
	codes, err := do(r.Context(), form.Secret(r, "code"))
	return h.answer(w, r, codes, err)
}

func (h Factors) answer(w http.ResponseWriter, r *http.Request, codes []string, err error) error {
	if status, p := RefusedFactor(w, err); status != 0 {
		return h.show(w, r, status, nil, p)
	}
	if err != nil {
		return err
	}
	if codes != nil {
		return h.show(w, r, http.StatusOK, codes, nil)
	}
	return page.Redirect(w, r, h.Home)
}

// WaitForFactor keeps somebody waiting who has given the first factor, and leads
// to the page that asks for the second, at.
func (s Side) WaitForFactor(w http.ResponseWriter, r *http.Request, token string, remember bool, at string) error {
	s.Session.KeepWaiting(w, s.asked(), session.Waiting{Token: token, Remember: remember})
	return page.Redirect(w, r, at)
}

func (s Side) asked() session.Asked {
	if s.Name == signin.Office {
		return session.AskedOffice
	}
	return session.AskedPortal
}

// AskFactor asks for the second factor. Who does not wait for it begins anew.
func (s Side) AskFactor(w http.ResponseWriter, r *http.Request, f signinview.FactorForm, status int, p problem.Set) error {
	waits, err := s.Service.Waits(r.Context(), s.Name, s.Session.Waits(r, s.asked()).Token)
	if err != nil {
		return err
	}
	if !waits {
		return page.Redirect(w, r, f.Login)
	}
	f.Post = s.View.Factor
	return s.Show(w, r, status, "Second factor", "Enter the 6 digits that your app shows for this account, or one of your recovery codes.", func(frame layout.SignInPage) templ.Component {
		return signinview.GiveFactor(frame, f, p)
	})
}

// TakeFactor takes what was typed with give, and answers what is not right;
// remember is what was ticked before, done that somebody is in.
func (s Side) TakeFactor(w http.ResponseWriter, r *http.Request, f signinview.FactorForm, give func(ctx context.Context, from audit.Actor, browser, typed string) error) (remember, done bool, err error) {
	kept := s.Session.Waits(r, s.asked())
	err = give(r.Context(), page.Visitor(r), kept.Token, form.Secret(r, "code"))
	if errors.Is(err, signin.ErrNotPending) || errors.Is(err, apperr.NotFound) {
		s.Session.StopWaiting(w, r, s.asked())
		return false, false, page.Redirect(w, r, f.Login)
	}
	if status, p := RefusedFactor(w, err); status != 0 {
		return false, false, s.AskFactor(w, r, f, status, p)
	}
	if err != nil {
		return false, false, err
	}
	s.Session.StopWaiting(w, r, s.asked())
	return kept.Remember, true, nil
}
