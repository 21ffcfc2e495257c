package doctor

import (
	"context"
	"fmt"
	"time"

	"fieldgate/internal/inbound"
	"fieldgate/internal/mail"
)

// lookedLately is how old the last look at the mailbox may be.
const lookedLately = 15 * time.Minute

// answers looks whether contacts' answers come here: it signs in to the mailbox,
// and asks when that was last read to its end.
func answers(ctx context.Context, r *round) []Finding {
	box, named, err := r.Config.Mailbox()
	switch {
	case err != nil:
		return one(fault("The mailbox is not set as it should be.", oneLine(err.Error())+"."))
	case r.Config.ReplyAddress == "" && !named:
		return one(ok("Emails cannot be answered here: answers go to the business’s own address. FIELDGATE_REPLY_ADDRESS changes that."))
	}
	if r.Pool == nil {
		return one(warning("Not looked at: the database does not answer.", ""))
	}
	state, err := inbound.ReadMailbox(ctx, r.Pool)
	switch {
	case err != nil:
		return one(warning("Not looked at: the database does not answer.", ""))
	case !named:
		return one(ok("The mail server hands answers over. " + lastCame(state)))
	}
	opener := mail.NewOpener(box)
	if err := opener.Try(ctx); err != nil {
		e := opener.ExplainMailbox(err)
		return one(fault(e.What, e.Advice))
	}
	return one(readLately(box, state))
}

// lastCame says when the last email came.
func lastCame(state inbound.Mailbox) string {
	if state.LastAt == nil {
		return "None has come yet."
	}
	return fmt.Sprintf("The last one came %s ago.", span(state.Now.Sub(*state.LastAt)))
}

// readLately judges when the mailbox was last read to its end.
func readLately(box mail.Mailbox, state inbound.Mailbox) Finding {
	switch {
	case state.LookedAt == nil:
		return warning("The mailbox "+box.Where()+" can be opened, and was not read yet.", "It is read within a minute once the program runs. If not, see its log.")
	case state.Now.Sub(*state.LookedAt) > lookedLately:
		words := state.Words
		if words == "" {
			words = "See the program’s log."
		}
		return fault(fmt.Sprintf("The mailbox was last read to its end %s ago.", span(state.Now.Sub(*state.LookedAt))), words)
	case state.Words != "":
		return warning(state.Words, "They are tried again by themselves.")
	}
	return ok("The mailbox " + box.Where() + " is read. " + lastCame(state))
}

// span is a time in words.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return "a moment"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
