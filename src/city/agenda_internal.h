/* Who speaks next: a heap of all devices by the time of their next event. One thread. */
#pragma once

#include "city/city.h"

struct ss_agenda;

int ss_agenda_new(const struct ss_city *c, int64_t from_us, struct ss_agenda **ret);
void ss_agenda_free(struct ss_agenda *g);         /* NULL-safe */
int64_t ss_agenda_due(const struct ss_agenda *g); /* send time of the next event */
/* Takes the next event out; returns its device. */
int ss_agenda_take(struct ss_agenda *g, struct ss_city_event *ret);
