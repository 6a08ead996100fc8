import type { Context } from './context.js';
import type { Plan } from './prepare.js';
import { strip } from './text.js';

/** The names of the apps that an app is made of, itself left out. */
export function appsWithin(plan: Plan): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (context: Context): void => {
    if (context !== plan.root) found.add(context.asked);
    // What `use` went through is a part as well, though it got no name of its own here.
    for (const section of context.trail.slice(1)) {
      found.add(strip(section.name.slice(section.name.indexOf(':') + 1)));
    }
    if (context.type === 'pipeline') visit(context.app);
    if (context.type === 'filter-app' || context.type === 'filter-with') visit(context.next);
    if (context.type !== 'factory') return;
    for (const part of plan.of(context)?.parts ?? []) visit(part.context);
  };
  visit(plan.root);
  return found;
}

/** Of the apps of a file, by name, those that are no part of another: what there is to be served. */
export function roots(plans: ReadonlyMap<string, Plan>): ReadonlyMap<string, Plan> {
  const within = new Set(Array.from(plans.values(), (plan) => [...appsWithin(plan)]).flat());
  return new Map([...plans].filter(([name]) => !within.has(name)));
}
