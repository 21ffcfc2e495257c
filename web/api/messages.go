package api

import (
	"context"
	"net/http"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/exchange"
	"fieldgate/internal/message"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
)

// Written is a message on a job or quote, or a staff note.
type Written struct {
	ID         string    `json:"id"`
	Text       string    `json:"text"`
	StaffOnly  bool      `json:"staff_only" doc:"A staff note, which no contact reads."`
	FromOffice bool      `json:"from_office"`
	Author     string    `json:"author"`
	At         time.Time `json:"at"`
	ByEmail    bool      `json:"by_email" doc:"It came as a reply to an email."`
	ReadBy     []string  `json:"read_by" nullable:"false" doc:"Who of the other side has read it."`
	Files      []Stored  `json:"files" nullable:"false"`
}

// NewMessage is what is written.
type NewMessage struct {
	Text      string `json:"text" maxLength:"10000"`
	StaffOnly bool   `json:"staff_only,omitempty" doc:"A staff note; it needs the scope notes:write."`
	Told
}

type conversationOutput struct {
	Body struct {
		Items []Written `json:"items" nullable:"false" doc:"The oldest first."`
	}
}

type writeInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body NewMessage
}

const (
	notesRead  token.Scope = "notes:read"
	notesWrite token.Scope = "notes:write"
)

// messages declares what is written on jobs and quotes.
func (a *API) messages() {
	for _, k := range []exchange.Kind{exchange.Jobs, exchange.Quotes} {
		one, path := k.One(), "/"+string(k)+"/{id}/messages"
		Office(a, Op{
			ID: "list-" + one + "-messages", Method: http.MethodGet, Path: path, Scope: "messages:read", Group: "Messages", Summary: "What was written on a " + one,
			Description: "Staff notes are among them for tokens with the scope notes:read.",
		}, func(ctx context.Context, by staff.Viewer, in *byID) (*conversationOutput, error) {
			on, err := a.messagesOn(ctx, by, k, in.ID)
			if err != nil {
				return nil, err
			}
			out := &conversationOutput{}
			out.Body.Items, err = a.conversation(ctx, on)
			return out, err
		})
		Office(a, Op{
			ID: "write-" + one + "-message", Method: http.MethodPost, Path: path, Scope: "messages:write", Group: "Messages", Summary: "Write a message on a " + one, Status: http.StatusCreated,
			Description: "The contacts who see the " + one + " read it in the portal. They get an email only with tell. Send an Idempotency-Key: then it is written once.",
		}, func(ctx context.Context, by staff.Viewer, in *writeInput) (*output[Written], error) {
			on, err := a.messagesOn(ctx, by, k, in.ID)
			if err != nil {
				return nil, err
			}
			if in.Body.StaffOnly && !callOf(ctx).caller.Token.May(notesWrite) {
				return nil, apperr.Forbidden{Words: "A staff note needs the scope notes:write."}
			}
			n := message.New{On: on, Text: in.Body.Text, StaffOnly: in.Body.StaffOnly, Nonce: Nonce(ctx)}
			var ref message.Ref
			if in.Body.Tell {
				ref, _, err = a.parts.Office.WriteMessage(ctx, by, n, nil)
			} else {
				ref, err = a.parts.Office.WriteMessageUntold(ctx, by, n)
			}
			if err != nil {
				return nil, err
			}
			all, err := message.Conversation(ctx, a.parts.DB, on, 0)
			if err != nil {
				return nil, err
			}
			for _, m := range all {
				if m.ID == ref.ID {
					return &output[Written]{written(m, nil)}, nil
				}
			}
			return nil, apperr.NotFound
		})
	}
}

// messagesOn is where messages of a job or quote hang, within reach.
func (a *API) messagesOn(ctx context.Context, by staff.Viewer, k exchange.Kind, id string) (on message.On, err error) {
	r, err := exchange.Find(ctx, a.parts.DB, k, id, by.Reach)
	if err != nil {
		return on, err
	}
	h := exchange.HeadOf(r)
	on = message.On{Customer: h.CustomerRow, Number: h.ID}
	if k == exchange.Jobs {
		on.Job = h.Row
	} else {
		on.Quote = h.Row
	}
	return on, nil
}

// conversation is all that the token may read of it.
func (a *API) conversation(ctx context.Context, on message.On) ([]Written, error) {
	var (
		all   []message.Message
		files []attachment.MessageFile
	)
	err := postgres.Read(ctx, a.parts.DB, func(b *postgres.Batch) {
		message.QueryConversation(b, &all, on, 0)
		attachment.QueryOfMessages(b, &files, attachment.On{Customer: on.Customer, Job: on.Job, Quote: on.Quote})
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // its words say what
	}
	out := []Written{}
	for _, m := range all {
		if !m.StaffOnly || callOf(ctx).caller.Token.May(notesRead) {
			out = append(out, written(m, files))
		}
	}
	return out, nil
}

func written(m message.Message, files []attachment.MessageFile) Written {
	w := Written{
		ID: m.PublicID, Text: m.Text, StaffOnly: m.StaffOnly, FromOffice: m.FromStaff, Author: m.Author, At: m.At, ByEmail: m.ByEmail,
		ReadBy: append([]string{}, m.ReadBy...), Files: []Stored{},
	}
	for _, f := range files {
		if f.MessageID == m.ID {
			w.Files = append(w.Files, storedFile(f.File))
		}
	}
	return w
}
