/** What policies are associated with. Source: OS-ENDPOINT-POLICY. */

/** An endpoint, all endpoints of a service, or those of a service in a region and the regions beneath it. */
export type PolicyTarget =
  | { readonly endpointId: string }
  | { readonly serviceId: string; readonly regionId?: string };

export interface PolicyAssociation {
  readonly policy_id: string;
  readonly endpoint_id: string | null;
  readonly service_id: string | null;
  readonly region_id: string | null;
}
