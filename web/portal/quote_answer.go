package portalweb

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Acceptance is the form to accept a quote; of one that was accepted, what was
// accepted and what happens next; of any other, why it cannot be.
func (h Quotes) Acceptance(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.answer(w, r, v, http.StatusOK, portalview.QuoteAnswer{Accepting: true})
}

// Refusal is the form to decline a quote.
func (h Quotes) Refusal(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.answer(w, r, v, http.StatusOK, portalview.QuoteAnswer{})
}

// Accept accepts the version that the form was shown for.
func (h Quotes) Accept(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	a := portalview.QuoteAnswer{
		Accepting: true, FullName: form.Text(r, "full_name"), PurchaseOrder: form.Text(r, "purchase_order"),
		Agrees: form.Check(r, "terms"), Signature: form.Secret(r, "signature"),
	}
	drawn, err := quote.ReadSignature(r.Context(), a.Signature)
	if errors.Is(err, quote.ErrSignature) {
		a.Signature, err = "", problem.Of("signature", "Your signature did not reach us. Draw it again, or leave it out: your name is enough.")
	}
	if err != nil {
		return h.refused(w, r, v, a, err)
	}
	return h.reply(w, r, v, a, portal.QuoteReply{Accepted: true, FullName: a.FullName, PurchaseOrder: a.PurchaseOrder, AgreesToTerms: a.Agrees, Signature: drawn})
}

// Decline declines the version that the form was shown for.
func (h Quotes) Decline(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	a := portalview.QuoteAnswer{Reason: form.Long(r, "reason")}
	return h.reply(w, r, v, a, portal.QuoteReply{Reason: a.Reason})
}

func (h Quotes) reply(w http.ResponseWriter, r *http.Request, v portal.Viewer, a portalview.QuoteAnswer, reply portal.QuoteReply) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	number := chi.URLParam(r, "number")
	reply.Version, reply.Browser = int(form.ID(r, "shown")), form.Line(r.UserAgent())
	if err := h.Portal.AnswerQuote(r.Context(), v, number, reply); err != nil {
		return h.refused(w, r, v, a, err)
	}
	if reply.Accepted {
		return page.Redirect(w, r, route.QuoteAcceptance(number))
	}
	session.Flash(r.Context(), "Thank you for letting us know. We have noted that you do not want to go ahead.")
	return page.Redirect(w, r, route.Quote(number))
}

// refused shows the form again with what is wrong, or with the version that was
// sent meanwhile; or why there is nothing to answer any more.
func (h Quotes) refused(w http.ResponseWriter, r *http.Request, v portal.Viewer, a portalview.QuoteAnswer, err error) error {
	var conflict apperr.Conflict
	switch problems, wrong := errors.AsType[problem.Set](err); {
	case wrong:
		a.Problems = problems
		return h.answer(w, r, v, http.StatusUnprocessableEntity, a)
	case errors.Is(err, apperr.Stale):
		a.Newer, a.Agrees = true, false // these may be other terms
		return h.answer(w, r, v, http.StatusConflict, a)
	case errors.As(err, &conflict):
		a.Why = conflict.Words
		return h.answer(w, r, v, http.StatusConflict, a)
	}
	return err
}

func (h Quotes) answer(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, a portalview.QuoteAnswer) error {
	q, choices, err := h.Reader.QuoteForm(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if status == http.StatusOK && a.Accepting {
		a.PurchaseOrder = q.PurchaseOrder // given with the request
	}
	a.Viewer, a.Quote, a.OrderRequired = v, q, choices.PurchaseOrderRequired
	return page.Render(w, r, status, portalview.AnswerQuote(a))
}

// Signature is the drawn signature under the answer to a quote.
func (h Quotes) Signature(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q, err := h.Reader.Quote(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	a := q.Answer()
	if a == nil || a.SignatureKey == "" {
		return apperr.NotFound
	}
	return download.Send(w, r, h.Store, download.File{Key: a.SignatureKey, Name: "signature.png", Type: "image/png", Inline: true})
}
