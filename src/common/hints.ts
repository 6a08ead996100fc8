/**
 * Driver hints: what a caller would like a backend to filter and to cut, and what the backend reports back.
 *
 * A controller makes the hints from the query of a list request, the manager hands them to the driver, the driver
 * marks each filter that it applied (`satisfied`) and whether it cut the list (`truncated`). The controller applies
 * what is left. A driver may ignore hints; it may not apply a limit while a filter is left unsatisfied, because the
 * limit counts the rows of the filtered list.
 */

export type Comparator = 'equals' | 'contains' | 'startswith' | 'endswith';

export interface Filter {
  /** Attribute of the entity as clients name it. */
  readonly name: string;
  readonly value: string | number | boolean | null;
  readonly comparator: Comparator;
  /** False for the `i` forms of inexact filters (`name__icontains`). */
  readonly caseSensitive: boolean;
  /** True once a driver has applied the filter: the caller need not look at it again. */
  satisfied: boolean;
}

export interface Limit {
  /** Most entities to return: at least 1. */
  readonly limit: number;
  /** True once a driver has cut the list because more entities matched. */
  truncated: boolean;
}

export class Hints {
  readonly filters: Filter[] = [];
  limit: Limit | null = null;

  addFilter(
    name: string,
    value: Filter['value'],
    {
      comparator = 'equals',
      caseSensitive = true,
    }: { comparator?: Comparator; caseSensitive?: boolean } = {},
  ): this {
    this.filters.push({ name, value, comparator, caseSensitive, satisfied: false });
    return this;
  }

  setLimit(limit: number): this {
    this.limit = { limit, truncated: false };
    return this;
  }

  /** The first exact filter on an attribute: what a manager looks at to choose a domain or a driver. */
  exact(name: string): Filter | undefined {
    return this.filters.find((filter) => filter.name === name && filter.comparator === 'equals');
  }

  /** Filters that no driver has applied yet. */
  unsatisfied(): Filter[] {
    return this.filters.filter((filter) => !filter.satisfied);
  }
}
