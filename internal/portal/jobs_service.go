package portal

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
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
	// Problems are what could not be read of it, by field.
	Problems problem.Set
}

// errSentTwice ends what a form has done already: nothing is written again,
// and files that came with it are forgotten.
var errSentTwice = errors.New("sent twice")

// AskJob answers whether the viewer may ask for a job now, and how much may
// come with it.
func (d *Service) AskJob(ctx context.Context, v Viewer) (attachment.Room, error) {
	return d.askRequest(ctx, v, Viewer.MayOpenJobs)
}

// CreateJob records a job that a contact asks for, with its files, and tells
// whom the office wants told. A form sent twice makes one job.
func (d *Service) CreateJob(ctx context.Context, v Viewer, r JobRequest) (number string, err error) {
	err = attachment.Storing(ctx, d.store, r.Files, func(files []attachment.Stored) (err error) {
		number, err = d.createJob(ctx, v, r, files)
		return err
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return number, err
}

func (d *Service) createJob(ctx context.Context, v Viewer, r JobRequest, files []attachment.Stored) (number string, err error) {
	err = d.transactRequest(ctx, v, Viewer.MayOpenJobs, func(tx postgres.Tx, now Viewer) error {
		p := problem.Set{}.Join(r.Problems)
		var (
			places    []Place
			about     []EquipmentChoice
			equipment []int64
		)
		if r.Equipment != 0 {
			equipment = []int64{r.Equipment}
		}
		if r.Site != 0 || r.Equipment != 0 { // only what was chosen need be looked for
			err := readIn(ctx, tx, now, func(b *postgres.Batch) {
				queryPlace(b, &places, r.Site)
				if r.Equipment != 0 {
					queryOffered(b, &about, About{ID: r.Equipment})
				}
			})
			if err != nil {
				return err
			}
		}
		now.checkSite(p, r.Site, places)
		now.checkPreferred(p, r.PreferredOn)
		p.Unless(r.Equipment == 0 || len(about) > 0, "equipment", "Choose a piece of equipment from the list.")
		n := job.New{Customer: now.Customer, Contact: now.Contact, Nonce: now.nonce(r.Nonce), Details: job.Details{
			Type: r.Type, Site: r.Site, Description: r.Description, PurchaseOrder: r.PurchaseOrder, PreferredOn: r.PreferredOn, Equipment: equipment,
		}}
		if err := p.Join(n.Check()).Err(); err != nil {
			return err
		}
		ref, created, err := job.Create(ctx, tx, now.Actor(), n)
		if err != nil {
			return err
		}
		number = ref.Number
		if !created {
			return errSentTwice
		}
		if err := d.keep(ctx, tx, now, attachment.On{Job: ref.ID}, files); err != nil {
			return err
		}
		if err := d.request(ctx, tx, now, keeper.Jobs, ref.ID); err != nil {
			return err
		}
		return d.notify.JobOpened(ctx, tx, ref.ID)
	})
	return number, err
}

// JobEdit is what a contact changes of a job that was shown as Version.
type JobEdit struct {
	Site          int64 // 0 for none
	Description   string
	PurchaseOrder string
	PreferredOn   day.Day
	Version       int64
}

// EditJob changes what was asked for, until work has started. A job changed by
// somebody else meanwhile is apperr.Stale.
func (d *Service) EditJob(ctx context.Context, v Viewer, number string, e JobEdit) error {
	return d.transact(ctx, v, Viewer.MayEditJobs, func(tx postgres.Tx, now Viewer) error {
		var (
			j      jobState
			places []Place
		)
		err := readIn(ctx, tx, now, func(b *postgres.Batch) {
			queryJobState(b, &j, number)
			queryPlace(b, &places, e.Site)
		})
		if err != nil {
			return err
		}
		p := problem.Set{}
		if j.SiteID == nil || *j.SiteID != e.Site {
			now.checkSite(p, e.Site, places)
		}
		if j.PreferredOn != e.PreferredOn {
			now.checkPreferred(p, e.PreferredOn)
		}
		edit := job.ContactEdit{Description: e.Description, PurchaseOrder: e.PurchaseOrder, Site: e.Site, PreferredOn: e.PreferredOn}
		if err := p.Join(edit.Check()).Err(); err != nil {
			return err
		}
		return d.change(ctx, tx, now, keeper.Jobs, keeper.Edit, j.ID, func(tx postgres.Tx) (int64, error) {
			return j.ID, job.EditByContact(ctx, tx, now.Actor(), now.Customer, number, e.Version, edit)
		})
	})
}

// AskJobFiles answers whether files can be added to a job, and how many.
func (d *Service) AskJobFiles(ctx context.Context, v Viewer, number string) (attachment.Room, error) {
	return d.askFiles(ctx, v, Viewer.SeesJobs, jobTakesFiles(number))
}

// AddJobFiles adds files to a job that the viewer asked for or may edit.
func (d *Service) AddJobFiles(ctx context.Context, v Viewer, number string, files []attachment.Incoming) error {
	return d.addFiles(ctx, v, Viewer.SeesJobs, files, jobTakesFiles(number))
}

func jobTakesFiles(number string) takesFiles {
	return func(ctx context.Context, tx postgres.Tx, now Viewer) (attachment.On, error) {
		var state jobState
		if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryJobState(b, &state, number) }); err != nil {
			return attachment.On{}, err
		}
		switch j := state.job(); {
		case j.MayAddFiles(now):
			return attachment.On{Job: j.ID}, nil
		case now.MayEditJobs(), j.CreatedByViewer(now):
			return attachment.On{}, apperr.Conflictf("This job is %s, so no more files can be added here.", j.Status.Label())
		}
		return attachment.On{}, apperr.Forbidden{Words: "You can see this job, but not add files to it."}
	}
}

// placeIn is the site that was chosen, if the viewer sees it; none was for 0.
func placeIn(ctx context.Context, tx postgres.Tx, v Viewer, site int64) (places []Place, err error) {
	if site != 0 {
		err = readIn(ctx, tx, v, func(b *postgres.Batch) { queryPlace(b, &places, site) })
	}
	return places, err
}

// checkSite refuses a site that is not among those a contact may choose from. A
// contact limited to sites names one of them: without, the record would be out
// of their own sight.
func (v Viewer) checkSite(p problem.Set, site int64, places []Place) {
	if site == 0 {
		p.Unless(v.Permissions.AllSites, "site", "Choose the site.")
		return
	}
	known := slices.ContainsFunc(places, func(place Place) bool { return place.ID == site && !place.Archived })
	p.Unless(known, "site", "Choose a site from the list.")
}

func (v Viewer) checkPreferred(p problem.Set, on day.Day) {
	p.Unless(on.IsZero() || !on.Before(v.Business.Format.Today()), "preferred_on", "Choose today or a later day.")
}

// jobState is what decides about a change of a job.
type jobState struct {
	ID          int64
	Status      job.Status
	SiteID      *int64
	PreferredOn day.Day
	CreatedBy   *int64 `db:"created_by_contact_id"`
}

func (s jobState) job() Job {
	return Job{ID: s.ID, JobRow: JobRow{Status: s.Status}, SiteID: s.SiteID, PreferredOn: s.PreferredOn, CreatedBy: s.CreatedBy}
}

func queryJobState(b *postgres.Batch, into *jobState, number string) {
	postgres.QueryOne(b, into, `select id, status, site_id, preferred_on, created_by_contact_id from portal.jobs where key = @number`, pgx.NamedArgs{"number": number})
}
