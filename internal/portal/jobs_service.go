package portal

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// JobRequest is what a contact asks for. Customer and contact are the viewer's.
type JobRequest struct {
	Type          int64
	Site          int64 // 0 for none
	Description   string
	PurchaseOrder string
	PreferredOn   day.Day
	Equipment     int64 // what it is about; 0 for none
	Nonce         string
	Files         []attachment.Incoming
}

// errSentTwice ends what a form has done already: nothing is written again,
// and files that came with it are forgotten.
var errSentTwice = errors.New("sent twice")

// OpenJob opens a job with its files, and tells whom the office wants told. A
// form sent twice opens one job.
func (d *Service) OpenJob(ctx context.Context, v Viewer, r JobRequest) (number string, err error) {
	err = attachment.Storing(ctx, d.store, r.Files, func(files []attachment.Stored) (err error) {
		number, err = d.openJob(ctx, v, r, files)
		return err
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return number, err
}

func (d *Service) openJob(ctx context.Context, v Viewer, r JobRequest, files []attachment.Stored) (number string, err error) {
	err = d.act(ctx, v, Viewer.MayOpenJobs, func(tx postgres.Tx, now Viewer) error {
		if err := refuseOnHold(now); err != nil {
			return err
		}
		p := problem.Set{}
		var (
			choices   JobChoices
			about     = About{ID: r.Equipment}
			equipment []int64
		)
		if r.Equipment != 0 {
			equipment = []int64{r.Equipment}
		}
		if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryJobChoices(b, &choices, about) }); err != nil {
			return err
		}
		now.checkSite(p, r.Site, choices.Places)
		now.checkPreferred(p, r.PreferredOn)
		p.Unless(about.ID == 0 || choices.About(about) != nil, "equipment", "Choose a piece of equipment from the list.")
		request := job.Request{
			Customer: now.Customer, Contact: now.Contact, Type: r.Type, Site: r.Site, Description: r.Description,
			PurchaseOrder: r.PurchaseOrder, PreferredOn: r.PreferredOn, Equipment: equipment, Nonce: now.nonce(r.Nonce),
		}
		if err := p.Join(request.Check()).Err(); err != nil {
			return err
		}
		ref, opened, err := job.Open(ctx, tx, now.Actor(), request)
		if err != nil {
			return err
		}
		number = ref.Number
		if !opened {
			return errSentTwice
		}
		if err := attachment.Add(ctx, tx, now.Actor(), d.queue, attachment.On{Customer: now.Customer, Job: ref.ID}, files); err != nil {
			return err
		}
		return d.notify.JobOpened(ctx, tx, ref.ID)
	})
	return number, err
}

// JobAmendment is what a contact changes of a job that was shown as Version.
type JobAmendment struct {
	Site          int64 // 0 for none
	Description   string
	PurchaseOrder string
	PreferredOn   day.Day
	Version       int64
}

// AmendJob changes what was asked for, until work has started. A job changed by
// somebody else meanwhile is apperr.Stale.
func (d *Service) AmendJob(ctx context.Context, v Viewer, number string, a JobAmendment) error {
	return d.act(ctx, v, Viewer.MayEditJobs, func(tx postgres.Tx, now Viewer) error {
		var (
			j      jobAtHand
			places []Place
		)
		err := readIn(ctx, tx, now, func(b *postgres.Batch) {
			queryJobAtHand(b, &j, number)
			queryPlaces(b, &places)
		})
		if err != nil {
			return err
		}
		p := problem.Set{}
		if j.SiteID == nil || *j.SiteID != a.Site {
			now.checkSite(p, a.Site, places)
		}
		if j.PreferredOn != a.PreferredOn {
			now.checkPreferred(p, a.PreferredOn)
		}
		amendment := job.Amendment{Description: a.Description, PurchaseOrder: a.PurchaseOrder, Site: a.Site, PreferredOn: a.PreferredOn}
		if err := p.Join(amendment.Check()).Err(); err != nil {
			return err
		}
		return job.Amend(ctx, tx, now.Actor(), now.Customer, j.ID, a.Version, amendment)
	})
}

// AddJobFiles adds files to a job that the viewer asked for or may edit.
func (d *Service) AddJobFiles(ctx context.Context, v Viewer, number string, files []attachment.Incoming) error {
	return attachment.Storing(ctx, d.store, files, func(stored []attachment.Stored) error {
		return d.act(ctx, v, Viewer.SeesJobs, func(tx postgres.Tx, now Viewer) error {
			var at jobAtHand
			if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryJobAtHand(b, &at, number) }); err != nil {
				return err
			}
			switch j := at.job(); {
			case j.MayAddFiles(now):
				return attachment.Add(ctx, tx, now.Actor(), d.queue, attachment.On{Customer: now.Customer, Job: j.ID}, stored)
			case now.MayEditJobs(), j.CreatedByViewer(now):
				return apperr.Conflictf("This job is %s, so no files can be added here any more.", j.Status.Label())
			}
			return apperr.Forbidden{Words: "You can look at this job, but not add files to it."}
		})
	})
}

// checkSite refuses a site that is not among those a contact may choose from. A
// contact limited to sites names one of them: without, the record would be out
// of their own sight.
func (v Viewer) checkSite(p problem.Set, site int64, places []Place) {
	if site == 0 {
		p.Unless(v.Rights.AllSites, "site", "Choose the site.")
		return
	}
	known := slices.ContainsFunc(places, func(place Place) bool { return place.ID == site && !place.Archived })
	p.Unless(known, "site", "Choose a site from the list.")
}

func (v Viewer) checkPreferred(p problem.Set, on day.Day) {
	p.Unless(on.IsZero() || !on.Before(v.Business.Format.Today(time.Now())), "preferred_on", "Choose today or a later day.")
}

// jobAtHand is what decides about a change of a job.
type jobAtHand struct {
	ID          int64
	Status      job.Status
	SiteID      *int64
	PreferredOn day.Day
	CreatedBy   *int64 `db:"created_by_contact_id"`
}

func (at jobAtHand) job() Job {
	return Job{ID: at.ID, JobRow: JobRow{Status: at.Status}, SiteID: at.SiteID, PreferredOn: at.PreferredOn, CreatedBy: at.CreatedBy}
}

func queryJobAtHand(b *postgres.Batch, into *jobAtHand, number string) {
	postgres.QueryOne(b, into, `select id, status, site_id, preferred_on, created_by_contact_id from portal.jobs where number = @number`, pgx.NamedArgs{"number": number})
}
