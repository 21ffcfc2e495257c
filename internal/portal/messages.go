package portal

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/message"
	"fieldgate/internal/postgres"
)

// Message is one that the viewer sees. Notes of staff are none of them.
type Message struct {
	ID         int64
	PublicID   string
	Text       string
	Author     string
	FromOffice bool
	Mine       bool
	At         time.Time
	IsNew      bool // the viewer has not opened it before
	ByEmail    bool
}

// Conversation is what was written on a job or quote, the oldest first.
type Conversation struct {
	Messages []Message
	files    []File
}

// Files are those that came with a message.
func (c Conversation) Files(of int64) (files []File) {
	for _, f := range c.files {
		if f.MessageID != nil && *f.MessageID == of {
			files = append(files, f)
		}
	}
	return files
}

// New are the ids of what the viewer has not opened before.
func (c Conversation) New() (ids []int64) {
	for _, m := range c.Messages {
		if m.IsNew {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// queryConversation asks for what hangs on a thing by a column of portal.messages:
// what was written, and the files, of which those that came with a message are kept
// with it.
func queryConversation(b *postgres.Batch, into *Conversation, files *[]File, column, this string, n pgx.NamedArgs) {
	postgres.Query(b, &into.Messages, `
		select m.id, m.public_id, m.text, coalesce(m.author, '') as author, m.from_office, coalesce(m.contact_id = portal.contact_id(), false) as mine, m.at, m.is_new, m.by_email
		from portal.messages m where m.`+column+` = `+this+` order by m.at, m.id`, n)
	// Both in one statement: to get ready for the view takes longer than to read a few files.
	b.Add(`
		select `+fileColumns+` from portal.attachments a
		where a.`+column+` = `+this+` or a.message_id = any(array(select m.id from portal.messages m where m.`+column+` = `+this+`))
		order by a.uploaded_at, a.id`, n, func(rows pgx.Rows) error {
		*files, into.files = nil, nil
		return postgres.EachByName(rows, func(f File) {
			if f.MessageID == nil {
				*files = append(*files, f)
			} else {
				into.files = append(into.files, f)
			}
		})
	})
}

// newMessages counts what the viewer has not opened of a row of the list whose
// table is t, which hangs on column.
func newMessages(column, t string) string {
	return `(select count(*) from portal.news m where m.` + column + ` = ` + t + `.id) as new_messages`
}

// News is what waits for the viewer, for the navigation: new messages on jobs,
// and quotes to answer or with a new message. Counts end at MostNews.
type News struct{ Jobs, Quotes int }

// MostNews is where News stops to count.
const MostNews = 100

func queryNews(b *postgres.Batch, v Viewer) {
	quotes, args := "select quote_id from fresh where quote_id is not null", pgx.NamedArgs{}
	if v.MayAcceptQuotes() {
		waiting := toAnswer(v, v.Business.Format.Today())
		waiting.Columns = "q.id as quote_id"
		sql, of := list.Statement(first(answerOrders, "valid", MostNews), answerOrders, waiting)
		quotes, args = quotes+" union select quote_id from ("+sql+") waiting", of
	}
	fresh, of := freshMessages(v)
	maps.Copy(args, of)
	b.Add(`
		with fresh as (`+fresh+`)
		select (select count(job_id) from fresh), (select count(*) from (`+quotes+`) n)`,
		args, func(rows pgx.Rows) error {
			_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (n struct{}, err error) {
				return n, row.Scan(&v.News.Jobs, &v.News.Quotes)
			})
			return err
		})
}

// freshMessages finds the newest that the viewer has not opened. Those who see a
// few of the customer's things have most of it unread for good: what is about
// others is left out before the view looks at what it is on.
func freshMessages(v Viewer) (string, pgx.NamedArgs) {
	var w list.Where
	if v.seesOwnAlone() {
		w.And("m.about_contact_id = @own", "own", v.Contact)
	}
	if len(v.Permissions.Sites) > 0 {
		w.And("m.about_site_id = any(@sites)", "sites", v.Permissions.Sites)
	}
	return list.First(list.Source{Columns: "m.id, m.job_id, m.quote_id, m.at", From: "portal.news m", Where: w}, "m.at desc", MostNews)
}

// NewMessages are messages on one thing that the viewer has not opened.
type NewMessages struct {
	Job         string // number; one of the two names the thing
	Quote       string
	Name        string
	Description string
	Author      string // of the last one
	Messages    int
}

// Title names the job or the quote.
func (n NewMessages) Title() string { return job.Title(n.Name, n.Description) }

// queryNewMessages finds on what something was written and not opened, the newest first.
func queryNewMessages(b *postgres.Batch, v Viewer, into *[]NewMessages) {
	fresh, args := freshMessages(v)
	postgres.Query(b, into, "with fresh as ("+fresh+"),"+newMessagesByThing, args)
}

var newMessagesByThing = `
	by_thing as (
		select job_id, quote_id, count(*) as messages, max(id) as newest, max(at) as at from fresh group by 1, 2 order by 5 desc, 4 desc limit ` + strconv.Itoa(fewNew) + `)
	select coalesce(j.number, '') as job, coalesce(q.number, '') as quote, coalesce(j.name, q.name, '') as name, coalesce(j.description, q.description, '') as description,
		coalesce((select m.author from portal.messages m where m.id = n.newest), '') as author, n.messages
	from by_thing n
	left join portal.seen_jobs j on j.id = n.job_id left join portal.quotes q on q.id = n.quote_id
	order by n.at desc, n.newest desc`

// Note is a message as a contact writes it.
type Note struct {
	Text  string
	Nonce string
	Files []attachment.Incoming
}

// AskOnJob answers whether the viewer may write on a job now, and how much may
// come with it.
func (d *Service) AskOnJob(ctx context.Context, v Viewer, number string) (attachment.Room, error) {
	return d.askToWrite(ctx, v, Viewer.SeesJobs, onJob(number))
}

// WriteOnJob writes a message on a job that the viewer sees, and tells the
// others. A form sent twice writes one.
func (d *Service) WriteOnJob(ctx context.Context, v Viewer, number string, n Note) (id string, err error) {
	return d.write(ctx, v, Viewer.SeesJobs, n, onJob(number))
}

// AskOnQuote does so for a quote.
func (d *Service) AskOnQuote(ctx context.Context, v Viewer, number string) (attachment.Room, error) {
	return d.askToWrite(ctx, v, Viewer.SeesQuotes, onQuote(number))
}

// WriteOnQuote writes a message on a quote.
func (d *Service) WriteOnQuote(ctx context.Context, v Viewer, number string, n Note) (id string, err error) {
	return d.write(ctx, v, Viewer.SeesQuotes, n, onQuote(number))
}

// conversed finds what is written on.
type conversed func(*postgres.Batch, *message.On)

func onJob(number string) conversed {
	return func(b *postgres.Batch, on *message.On) {
		postgres.QueryValue(b, &on.Job, `select id from portal.seen_jobs where key = @number`, pgx.NamedArgs{"number": number})
		on.Number = number
	}
}

func onQuote(number string) conversed {
	return func(b *postgres.Batch, on *message.On) {
		postgres.QueryValue(b, &on.Quote, `select id from portal.seen_quotes where key = @number`, pgx.NamedArgs{"number": number})
		on.Number = number
	}
}

// writable is what the viewer may write one more message on.
func (find conversed) writable(ctx context.Context, tx postgres.Tx, now Viewer) (message.On, error) {
	on := message.On{Customer: now.Customer}
	if err := readIn(ctx, tx, now, func(b *postgres.Batch) { find(b, &on) }); err != nil {
		return on, err
	}
	return on, checkMessages(ctx, tx, now)
}

func (d *Service) askToWrite(ctx context.Context, v Viewer, may func(Viewer) bool, find conversed) (attachment.Room, error) {
	return d.ask(ctx, v, may, func(ctx context.Context, tx postgres.Tx, now Viewer) error {
		_, err := find.writable(ctx, tx, now)
		return err
	})
}

func (d *Service) write(ctx context.Context, v Viewer, may func(Viewer) bool, n Note, find conversed) (public string, err error) {
	err = attachment.Storing(ctx, d.store, n.Files, func(files []attachment.Stored) error {
		return d.transact(ctx, v, may, func(tx postgres.Tx, now Viewer) error {
			on, err := find.writable(ctx, tx, now)
			if err != nil {
				return err
			}
			written, created, err := message.Create(ctx, tx, now.Actor(), message.New{On: on, Text: n.Text, Nonce: n.Nonce})
			public = written.PublicID
			switch {
			case err != nil:
				return err
			case !created:
				return errSentTwice
			}
			if err := d.keep(ctx, tx, now, attachment.On{Message: written.ID}, files); err != nil {
				return err
			}
			return d.notify.MessageWritten(ctx, tx, written.ID)
		})
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return public, err
}

// Opened notes that the viewer has opened messages that they have just seen. A
// preview leaves no trace.
func (d *Service) Opened(ctx context.Context, v Viewer, ids []int64) error {
	if len(ids) == 0 || v.Previewing() || postgres.Refuses(ctx) { // a mark is no reason to refuse the page
		return nil
	}
	return d.transact(ctx, v, func(Viewer) bool { return true }, func(tx postgres.Tx, now Viewer) error {
		return message.ReadByContact(ctx, tx, now.Contact, ids)
	})
}
