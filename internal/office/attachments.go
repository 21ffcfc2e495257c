package office

import (
	"context"
	"errors"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// AddFiles adds files to something, hidden from its customer.
func (s *Service) AddFiles(ctx context.Context, by staff.Viewer, on attachment.On, files []attachment.Incoming) error {
	return attachment.Storing(ctx, s.store, files, func(stored []attachment.Stored) error {
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return attachment.Add(ctx, tx, by.Actor(), s.queue, on, stored) })
	})
}

// ShareFiles makes files that hang on something visible to its customer, who is
// told, or hides them. It returns how many that changed, and who is told.
func (s *Service) ShareFiles(ctx context.Context, by staff.Viewer, on attachment.On, files []string, visible bool) (changed int, told []notify.Telling, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		ids, err := attachment.Share(ctx, tx, by.Actor(), on, files, visible)
		changed = len(ids)
		if err != nil || !visible || changed == 0 {
			return err
		}
		if err := s.notify.FilesShared(ctx, tx, ids); err != nil {
			return err
		}
		told, err = notify.WouldTell(ctx, tx, notify.KindFilesShared, notify.About{Customer: on.Customer, Job: on.Job, Quote: on.Quote, Equipment: on.Equipment})
		return err
	})
	return changed, told, err
}

// SetCaptions writes the captions of files, all or none. Problems are at the
// fields that CaptionField names; stale are the files whose caption says something
// else by now than what was seen, and then the error is apperr.Stale unless there
// are problems, too.
func (s *Service) SetCaptions(ctx context.Context, by staff.Viewer, captions []attachment.Caption) (stale []string, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		problems := problem.Set{}
		for _, c := range captions {
			err := attachment.SetCaption(ctx, tx, by.Actor(), c)
			if wrong, ok := errors.AsType[problem.Set](err); ok {
				problems.Add(CaptionField(c.File), wrong[attachment.Field.Caption.Name])
				continue
			}
			if errors.Is(err, apperr.Stale) {
				stale = append(stale, c.File)
				continue
			}
			if err != nil {
				return err
			}
		}
		if err := problems.Err(); err != nil || len(stale) == 0 {
			return err
		}
		return apperr.Stale
	})
	return stale, err
}

// CaptionField is the field of a file's caption, by its opaque id.
func CaptionField(file string) string { return attachment.Field.Caption.Name + "-" + file }

// RemoveFiles takes files away, and returns how many were there.
func (s *Service) RemoveFiles(ctx context.Context, by staff.Viewer, files []string) (removed int, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		removed, err = attachment.Remove(ctx, tx, by.Actor(), files...)
		return err
	})
	return removed, err
}
